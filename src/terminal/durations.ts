/**
 * Writes a duration for a person: `1 h`, `58 min`, `11 h 59 min`, `less than 1 min`. The wrappers use the same words.
 */
export function durationText(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return 'less than 1 min';
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return `${minutes} min`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** From a week on the name of a day would be the wrong day's. */
const FAR_MS = 6 * 86_400_000;

/** Writes a local time: `16:42`, or `Mon 04:42` when that is another day than `nowMs`, with the date when it is far. */
export function clockText(epochSeconds: number, nowMs: number): string {
  const then = new Date(epochSeconds * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = `${two(then.getHours())}:${two(then.getMinutes())}`;
  if (then.toDateString() === new Date(nowMs).toDateString()) return time;
  if (Math.abs(then.getTime() - nowMs) > FAR_MS) {
    return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${time}`;
  }
  return `${['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][then.getDay()]} ${time}`;
}
