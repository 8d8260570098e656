class Awsrole < Formula
  desc "Switch the IAM role of the shell you are typing in"
  homepage "https://github.com/awsrole/awsrole"
  url "https://registry.npmjs.org/awsrole/-/awsrole-0.1.0.tgz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "MIT"

  depends_on "node"

  def install
    system "npm", "install", *std_npm_args
    bin.install_symlink libexec/"bin/awsrole"
    man1.install_symlink libexec/"share/man/man1/awsrole.1"
    completions = libexec/"lib/node_modules/awsrole/shell/completions"
    bash_completion.install_symlink completions/"awsrole.bash" => "awsrole"
    zsh_completion.install_symlink completions/"_awsrole"
    fish_completion.install_symlink completions/"awsrole.fish"
  end

  def caveats
    <<~EOS
      To switch the role of the shell you type in, let awsrole add a line to its start-up file:
        awsrole setup
    EOS
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/awsrole --version")
    assert_match "__awsrole_root=", shell_output("#{bin}/awsrole init bash")
  end
end
