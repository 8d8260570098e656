import { StsError, validationError } from './sts-error.ts';

/** The limits of one text parameter in the STS API model. `pattern` as the service prints it; undefined: any text. */
interface TextLimit {
  readonly min: number;
  readonly max: number;
  readonly pattern?: string;
  readonly required?: boolean;
  /** The value is never repeated in the refusal. */
  readonly secret?: boolean;
}

/** The limits of one whole number in the STS API model. */
interface NumberLimit {
  readonly min: number;
  readonly max: number;
}

/** A session tag. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

function memberName(parameter: string): string {
  return parameter.charAt(0).toLowerCase() + parameter.slice(1);
}

/**
 * The parameters of one request of the AWS query protocol (`Name=value`, `List.member.1=value`), and the model's
 * limits on them. All broken limits are collected, then {@link Parameters.check} throws them in one ValidationError.
 */
export class Parameters {
  readonly #values = new Map<string, string>();
  readonly #broken: string[] = [];
  readonly #read = new Set<string>(['Action', 'Version']);

  /** Throws {@link StsError} MalformedInput when a parameter comes twice. */
  constructor(pairs: Iterable<readonly [string, string]>) {
    for (const [name, value] of pairs) {
      if (this.#values.has(name)) {
        throw new StsError(400, 'MalformedInput', `Parameter ${name} is given more than once`);
      }
      this.#values.set(name, value);
    }
  }

  get(name: string): string | undefined {
    this.#read.add(name);
    return this.#values.get(name);
  }

  /** Returns the parameters that the action did not read; STS ignores them. */
  unread(): string[] {
    return [...this.#values.keys()].filter((name) => !this.#read.has(name));
  }

  text(name: string, limit: TextLimit): string | undefined {
    const value = this.get(name);
    this.#checkText(memberName(name), value, limit);
    return value;
  }

  /** Reads a text like {@link text}; an absent value is a broken limit, and '' until {@link check} throws it. */
  requiredText(name: string, limit: TextLimit): string {
    return this.text(name, { ...limit, required: true }) ?? '';
  }

  /** Reads a whole number. Throws {@link StsError} MalformedInput when it is none. */
  wholeNumber(name: string, limit: NumberLimit): number | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (!/^-?\d{1,9}$/.test(value)) throw new StsError(400, 'MalformedInput', `${name} is not an integer`);
    const number = Number(value);
    const what = (bound: string) => `Member must have value ${bound}`;
    if (number < limit.min)
      this.#break(memberName(name), value, what(`greater than or equal to ${limit.min}`));
    if (number > limit.max) this.#break(memberName(name), value, what(`less than or equal to ${limit.max}`));
    return number;
  }

  /** Reads `Name.member.N` values in the order of N. */
  list(name: string, most: number, limit: TextLimit): string[] {
    const values = this.#members(name, '');
    this.#checkLength(name, values.length, most);
    values.forEach((value, i) => {
      this.#checkText(`${memberName(name)}.${i + 1}.member`, value, limit);
    });
    return values.map((value) => value ?? '');
  }

  /** Reads `PolicyArns.member.N.arn`. */
  arns(name: string, most: number): string[] {
    const values = this.#members(name, '.arn');
    this.#checkLength(name, values.length, most);
    values.forEach((value, i) => {
      const member = `${memberName(name)}.${i + 1}.member.arn`;
      this.#checkText(member, value, { min: 20, max: 2048, required: true });
    });
    return values.map((value) => value ?? '');
  }

  /** Reads `Tags.member.N.Key` and `.Value`. */
  tags(name: string, most: number): Tag[] {
    const keys = this.#members(name, '.Key');
    const values = this.#members(name, '.Value');
    const length = Math.max(keys.length, values.length);
    this.#checkLength(name, length, most);
    const pattern = '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*';
    return Array.from({ length }, (_, i) => {
      const member = `${memberName(name)}.${i + 1}.member`;
      this.#checkText(`${member}.key`, keys[i], { min: 1, max: 128, pattern, required: true });
      this.#checkText(`${member}.value`, values[i], { min: 0, max: 256, pattern, required: true });
      return { key: keys[i] ?? '', value: values[i] ?? '' };
    });
  }

  /** Throws {@link StsError} ValidationError when a limit read so far is broken. */
  check(): void {
    const count = this.#broken.length;
    if (count === 0) return;
    const errors = count === 1 ? '1 validation error' : `${count} validation errors`;
    throw validationError(`${errors} detected: ${this.#broken.join('; ')}`);
  }

  #members(name: string, suffix: string): (string | undefined)[] {
    const members: [number, string][] = [];
    for (const key of this.#values.keys()) {
      if (!key.startsWith(`${name}.member.`) || !key.endsWith(suffix)) continue;
      const number = key.slice(`${name}.member.`.length, key.length - suffix.length);
      if (/^[1-9]\d{0,4}$/.test(number)) members.push([Number(number), key]);
    }
    return members.sort(([a], [b]) => a - b).map(([, key]) => this.get(key));
  }

  #checkLength(name: string, length: number, most: number): void {
    if (length > most) {
      this.#break(memberName(name), undefined, `Member must have length less than or equal to ${most}`, true);
    }
  }

  #checkText(member: string, value: string | undefined, limit: TextLimit): void {
    if (value === undefined) {
      if (limit.required)
        this.#broken.push(`Value null at '${member}' failed to satisfy constraint: Member must not be null`);
      return;
    }
    const fail = (constraint: string) => this.#break(member, value, constraint, limit.secret);
    if (limit.pattern !== undefined && !new RegExp(`^(?:${limit.pattern})$`, 'u').test(value)) {
      fail(`Member must satisfy regular expression pattern: ${limit.pattern}`);
    }
    if (value.length < limit.min) fail(`Member must have length greater than or equal to ${limit.min}`);
    if (value.length > limit.max) fail(`Member must have length less than or equal to ${limit.max}`);
  }

  #break(member: string, value: string | undefined, constraint: string, secret = false): void {
    const shown = secret || value === undefined ? 'Value' : `Value '${value}'`;
    this.#broken.push(`${shown} at '${member}' failed to satisfy constraint: ${constraint}`);
  }
}
