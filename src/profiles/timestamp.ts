// Times as programs write them for AWS's tools: ISO 8601, and the few other forms that are met.

/** The last second of the year 9999, the end of what the tools and shells can say. */
export const LATEST = 253_402_300_799;

const DAY = 86_400_000;
const DATE = /^([+-]\d{6}|\d{4})(?:-?W(\d\d)-?([1-7])|-(\d\d)-(\d\d)|(\d\d)(\d\d)|-?(\d{3}))(?![\d-])/;
const TIME = /^(?:T| +)(\d\d)(?:(?::(\d\d)(?::(\d\d))?)|(?:(\d\d)(\d\d)?))?(?:[.,](\d+))?(?![\d:])/;
/** Go writes `+0000 UTC`. */
const ZONE = /^ ?(?:(?:Z|UTC|GMT)|([+-])(\d\d)(?::?(\d\d))?(?: UTC)?)$/;
const WEEKDAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
/** RFC 5322 (`Sun, 22 Nov 2026 09:44:30 GMT`), and what JavaScript's Date writes (`Sun Nov 22 2026 09:44:30 GMT+0100 (CET)`). */
const WITH_WORDS = new RegExp(
  `^(?:${WEEKDAY},? )?(?:\\d\\d? ${MONTH}|${MONTH} \\d\\d?) \\d{4} \\d\\d:\\d\\d:\\d\\d ` +
    '(?:Z|(?:GMT|UTC)?(?:[+-]\\d{4})?)(?: \\([^()]*\\))?$',
);

/** What a time without a zone is: none at all, or one of UTC or of this computer. */
export type ZonelessTime = 'none' | 'utc' | 'local';

/**
 * Reads a time: ISO 8601 with its basic format, week dates and days of the year, whatever the case and fraction; epoch
 * seconds and milliseconds are read only where a zone may be missing. A date alone begins in UTC, as for JavaScript.
 * Gives epoch seconds, above {@link LATEST} for later years; undefined for what is no time.
 */
export function secondsOfTimestamp(written: string, zoneless: ZonelessTime = 'none'): number | undefined {
  const text = written.trim().replace('\u2212', '-');
  if (/^\+?0*[1-9]\d{4,}-\d\d-\d\d/.test(text)) return LATEST + 1;
  if (WITH_WORDS.test(text)) return secondsOf(Date.parse(text));
  if (zoneless !== 'none' && /^\d{10}(?:\.\d+)?$/.test(text)) return Math.floor(Number(text));
  if (zoneless !== 'none' && /^\d{13}$/.test(text)) return Math.floor(Number(text) / 1000);
  return secondsOf(isoTime(text.toUpperCase(), zoneless));
}

function secondsOf(milliseconds: number | undefined): number | undefined {
  if (milliseconds === undefined || Number.isNaN(milliseconds)) return undefined;
  return Math.min(Math.floor(milliseconds / 1000), LATEST + 1);
}

function isoTime(text: string, zoneless: ZonelessTime): number | undefined {
  const [date, ...fields] = DATE.exec(text) ?? [];
  if (date === undefined) return undefined;
  const day = dayOf(fields);
  const rest = text.slice(date.length);
  if (day === undefined || rest === '') return day;
  const [time, ...parts] = TIME.exec(rest) ?? [];
  const inDay = time === undefined ? undefined : timeOf(parts);
  if (time === undefined || inDay === undefined) return undefined;
  const zone = rest.slice(time.length);
  if (zone === '' && zoneless === 'local') return inLocalTime(day + inDay);
  const offset = zone === '' && zoneless === 'utc' ? 0 : offsetOf(zone);
  return offset === undefined ? undefined : day + inDay - offset;
}

/** Returns the beginning of a day in UTC; undefined when there is no such day. */
function dayOf([years, week, weekday, month, date, basicMonth, basicDate, ordinal]: (string | undefined)[]):
  | number
  | undefined {
  const year = Number(years);
  if (week !== undefined) {
    // The fourth of January is always in the first week, and the 28th of December in the last.
    const weeks = (mondayOf(utc(year, 11, 28)) - mondayOf(utc(year, 0, 4))) / (7 * DAY) + 1;
    if (Number(week) < 1 || Number(week) > weeks) return undefined;
    return mondayOf(utc(year, 0, 4)) + ((Number(week) - 1) * 7 + Number(weekday) - 1) * DAY;
  }
  if (ordinal !== undefined) {
    const day = utc(year, 0, Number(ordinal));
    return Number(ordinal) >= 1 && day < utc(year + 1, 0, 1) ? day : undefined;
  }
  const [inYear, inMonth] = [Number(month ?? basicMonth) - 1, Number(date ?? basicDate)];
  const day = utc(year, inYear, inMonth);
  const found = new Date(day);
  return found.getUTCMonth() === inYear && found.getUTCDate() === inMonth ? day : undefined;
}

/** `Date.UTC`, which takes the years 0 to 99 for those of the last century. */
function utc(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day);
}

function mondayOf(day: number): number {
  return day - ((new Date(day).getUTCDay() + 6) % 7) * DAY;
}

/** Returns the milliseconds since midnight. A fraction is one of the last unit that is written. */
function timeOf([hour, minute, second, basicMinute, basicSecond, fraction = '0']: (string | undefined)[]):
  | number
  | undefined {
  const [hours, minutes, seconds] = [hour, minute ?? basicMinute, second ?? basicSecond].map((unit) =>
    unit === undefined ? undefined : Number(unit),
  );
  const last = seconds !== undefined ? 1000 : minutes !== undefined ? 60_000 : 3_600_000;
  const whole = (hours ?? 0) * 3_600_000 + (minutes ?? 0) * 60_000 + (seconds ?? 0) * 1000;
  // A second 60 is a leap second, the hour 24 the end of the day.
  const good = (minutes ?? 0) < 60 && (seconds ?? 0) <= 60 && ((hours ?? 0) < 24 || whole === DAY);
  return good ? whole + Math.floor(Number(`0.${fraction}`) * last) : undefined;
}

/** Returns by how many milliseconds a zone is ahead of UTC. */
function offsetOf(zone: string): number | undefined {
  const [all, sign, hours = '0', minutes = '0'] = ZONE.exec(zone) ?? [];
  if (all === undefined || Number(hours) > 23 || Number(minutes) > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/** Takes a time that was read as one of UTC for one of this computer's zone. */
function inLocalTime(milliseconds: number): number {
  const time = new Date(milliseconds);
  return new Date(
    time.getUTCFullYear(),
    time.getUTCMonth(),
    time.getUTCDate(),
    time.getUTCHours(),
    time.getUTCMinutes(),
    time.getUTCSeconds(),
  ).getTime();
}
