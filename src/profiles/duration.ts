/**
 * Returns the seconds of a duration such as `1h30m`, `45m`, `12h`, `90s` or `3600`; undefined when it is none. Hours
 * come before minutes before seconds, each at most once.
 */
export function secondsOfDuration(text: string): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const [, hours, minutes, seconds] = /^(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?$/i.exec(text) ?? [];
  if (hours === undefined && minutes === undefined && seconds === undefined) return undefined;
  return Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
}
