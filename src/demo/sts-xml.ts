import type { StsError } from './sts-error.ts';

/** The contents of an answer: elements in order. Absent (undefined) elements are left out. */
export interface XmlElements {
  readonly [name: string]: string | number | XmlElements | readonly XmlElements[] | undefined;
}

/** XML 1.0 cannot hold most control characters at all, not even escaped. */
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

function escapeXml(text: string): string {
  return text
    .replace(NOT_XML, '\ufffd')
    .replace(/[&<>"'\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function isList(value: XmlElements[string]): value is readonly XmlElements[] {
  return Array.isArray(value);
}

function render(elements: XmlElements, indent: string): string {
  let text = '';
  for (const [name, value] of Object.entries(elements)) {
    if (value === undefined) continue;
    // A list is made of elements that are all called `member`.
    if (isList(value)) {
      const members = value.map((member) => render({ member }, `${indent}  `)).join('');
      text += `${indent}<${name}>\n${members}${indent}</${name}>\n`;
      continue;
    }
    const content =
      typeof value === 'object' ? `\n${render(value, `${indent}  `)}${indent}` : escapeXml(String(value));
    text += `${indent}<${name}>${content}</${name}>\n`;
  }
  return text;
}

/** Writes the answer of an action that succeeded. */
export function resultXml(namespace: string, action: string, result: XmlElements, requestId: string): string {
  const body = render({ [`${action}Result`]: result, ResponseMetadata: { RequestId: requestId } }, '  ');
  return `<${action}Response xmlns="${namespace}">\n${body}</${action}Response>\n`;
}

/** Writes the answer of an action that was refused (`Type` Sender) or failed here (status 5xx: `Type` Receiver). */
export function errorXml(namespace: string, error: StsError, requestId: string): string {
  const Type = error.status >= 500 ? 'Receiver' : 'Sender';
  const body = render(
    { Error: { Type, Code: error.code, Message: error.message }, RequestId: requestId },
    '  ',
  );
  return `<ErrorResponse xmlns="${namespace}">\n${body}</ErrorResponse>\n`;
}
