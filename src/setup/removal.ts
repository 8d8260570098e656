/** Says what removes what a package manager has put into a folder; undefined where none has. */
export function removalOf(root: string): string | undefined {
  const path = root.replaceAll('\\', '/');
  if (/^\/nix\/store\//.test(path)) return 'nix profile remove awsrole, or take it out of your configuration';
  if (/\/Cellar\/awsrole\//.test(path)) return 'brew uninstall awsrole';
  if (/\/scoop\/apps\/awsrole\//i.test(path)) return 'scoop uninstall awsrole';
  const inPackage = /\/node_modules\/(?:(awsrole-windows)\/node_modules\/)?/.exec(path);
  if (inPackage === null) return undefined;
  const npm = `npm uninstall --global ${inPackage[1] ?? 'awsrole'}`;
  // There npm of the system's Node.js puts packages, too, and only one of the two is to remove it.
  return path.startsWith('/usr/lib/node_modules/')
    ? `${npm}, or, where it is a package of the system: pacman -R awsrole`
    : npm;
}
