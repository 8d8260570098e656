import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const pages = ['README.md', 'packaging/windows/README.md'].concat(
  readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
);

/** What a heading is called in a link. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

it.each(pages)('every link of %s leads to a page and a heading that are there', (page) => {
  // What stands in code is no link.
  const text = readFileSync(page, 'utf8').replace(/```.*?```|`[^`\n]*`/gs, '');
  for (const [, file = '', heading] of text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)) {
    const target = file === '' ? page : join(dirname(page), file);
    expect(existsSync(target), target).toBe(true);
    if (heading === undefined) continue;
    const headings = [...readFileSync(target, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, it = '']) =>
      anchor(it),
    );
    expect(headings, `${target}#${heading}`).toContain(heading);
  }
});

it('every page is linked from the README', () => {
  const readme = readFileSync('README.md', 'utf8');
  for (const page of pages.filter((name) => name.startsWith('docs'))) {
    expect(readme).toContain(`](${page.replaceAll('\\', '/')}`);
  }
});
