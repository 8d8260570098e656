# pkgs.callPackage ./package.nix { }
{
  lib,
  stdenvNoCC,
  fetchurl,
  bash,
  nodejs,
  installShellFiles,
}:

stdenvNoCC.mkDerivation (finalAttrs: {
  pname = "awsrole";
  version = "0.1.0";

  src = fetchurl {
    url = "https://registry.npmjs.org/awsrole/-/awsrole-${finalAttrs.version}.tgz";
    sha256 = "0000000000000000000000000000000000000000000000000000000000000000";
  };

  nativeBuildInputs = [ installShellFiles ];
  dontBuild = true;

  installPhase = ''
    runHook preInstall
    root=$out/lib/awsrole
    mkdir -p $root $out/bin
    cp -r dist shell package.json $root
    # The launcher starts the Node.js that is named here.
    echo ${lib.getExe nodejs} > $root/node-path
    # -p: no BASH_ENV, and no function of the caller comes into the launcher.
    sed -i '1s|.*|#!${lib.getExe bash} -p|' $root/shell/awsrole
    chmod 755 $root/shell/awsrole
    ln -s $root/shell/awsrole $out/bin/awsrole
    installManPage man/awsrole.1
    installShellCompletion --bash --name awsrole shell/completions/awsrole.bash
    installShellCompletion --zsh shell/completions/_awsrole
    installShellCompletion --fish shell/completions/awsrole.fish
    runHook postInstall
  '';

  meta = {
    description = "Switch the IAM role of the shell you are typing in";
    homepage = "https://github.com/awsrole/awsrole";
    license = lib.licenses.mit;
    mainProgram = "awsrole";
    platforms = lib.platforms.unix;
  };
})
