import { isExecutable } from '../files/is-executable.ts';

/**
 * The launcher for this machine. Where it is run by dash, `awsrole exec` loses exported functions and variables whose names
 * are no shell's. -p: no BASH_ENV, and none of those functions come into the launcher itself.
 */
export function shellLauncher(text: string, platform: NodeJS.Platform): string {
  return hasBash(platform) ? text.replace(/^#!\/bin\/sh\n/, '#!/bin/bash -p\n') : text;
}

function hasBash(platform: NodeJS.Platform): boolean {
  // Git Bash, which no other program starts it by.
  return platform === 'win32' || isExecutable('/bin/bash');
}

/** What starts awsrole from cmd and from other programs on Windows. */
export function cmdLauncher(node: string): string {
  const core = '"%~dp0..\\share\\awsrole\\dist\\cli.mjs" %*';
  const lines = ['@echo off', 'rem awsrole: the program on PATH. It starts Node.js directly.'];
  // cmd reads this file in a code page of its own, so a path with other letters is left to PATH.
  if (/^[ -~]+$/.test(node)) {
    const escaped = node.replaceAll('%', '%%');
    lines.push(
      `if not exist "${escaped}" goto path`,
      `"${escaped}" ${core}`,
      'exit /b %errorlevel%',
      ':path',
    );
  }
  return [...lines, `node.exe ${core}`, 'exit /b %errorlevel%', ''].join('\r\n');
}
