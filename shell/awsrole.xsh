# awsrole for xonsh (0.13 and later): `awsrole NAME` puts the session of an AWS role into this shell.
#
# A session comes as lines from the core. They are checked as a whole, and only then applied; nothing is ever evaluated.
# `awsrole init xonsh` sets the root in a line of its own. All else is inside one function, so that no name of ours is left.


def __awsrole_load(root):
    import os
    import re
    import subprocess
    import sys
    import time

    from xonsh.built_ins import XSH
    from xonsh.completers.completer import add_one_completer
    from xonsh.completers.tools import RichCompletion, contextual_command_completer_for

    # The build writes this line (src/commands/names.ts).
    commands = ' off - status exec env list explain whoami console clear new protect unprotect add rotate keys unlock lock doctor setup demo init help credential-process complete session-lines index-lines choice-line '

    env = XSH.env
    names_shape = re.compile(r"AWS[A-Z0-9_]*", re.ASCII)
    # What a terminal would obey, as the core has it (src/profiles/printable.ts).
    controls = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
    # Kept where loading this once more finds it.
    state = XSH.ctx.setdefault(
        "__awsrole_state",
        {"held": [], "base": {}, "current": ["off"], "previous": None, "inherited": False},
    )

    def value(name):
        return str(env[name]) if name in env else ""

    def say(text):
        print(controls.sub("?", text), file=sys.stderr, flush=True)

    def adopt():
        # In a child of a switched shell only the names of the variables are known, not what they were before.
        names = [name for name in value("AWSROLE_NAMES").split(" ") if names_shape.fullmatch(name)]
        if names and not state["held"]:
            state.update(held=names, base={}, inherited=True, current=[value("AWSROLE_PROFILE")])

    def values(names):
        return {name: env[name] for name in names if name in env}

    def assign(names, found):
        # Makes the variables what `values` has found.
        for name in names:
            if name in found:
                env[name] = found[name]
            elif name in env:
                del env[name]

    def start(words, environment, stdin=None, stdout=None):
        program = root + "/shell/awsrole"
        if not os.access(program, os.X_OK):
            program = "awsrole"  # an update may have put it elsewhere
        try:
            done = subprocess.run(
                [program, *words],
                env=environment,
                stdin=stdin,
                stdout=stdout,
            )
        except OSError as error:
            say(f"awsrole: its program cannot be started: {error}; open a new shell, or install it again")
            return 1, ""
        code = done.returncode if done.returncode >= 0 else 128 - done.returncode
        return code, (done.stdout or b"").decode(errors="surrogateescape")

    def from_base(words, stdin=None, stdout=None):
        # The environment that a switch starts from.
        environment = env.detype()
        for name in [*state["held"], "AWSROLE_NAMES"]:
            environment.pop(name, None)
        environment.update({name: str(was) for name, was in state["base"].items()})
        environment.update(AWSROLE_SHELL="-", AWSROLE_HELD=value("AWSROLE_PROFILE"))
        return start(words, environment, stdin, stdout)

    def remember(words):
        # Keeps the words of the state the shell is in now, for `awsrole -`.
        if words != state["current"]:
            state.update(previous=state["current"], current=words)

    def off():
        if not state["held"]:
            say("no role is held in this shell")
            return 0
        left = "the shell is as it was before"
        if state["inherited"]:
            left = f"removed {value('AWSROLE_NAMES')}; only the shell that switched can put back what they were"
        left = f"left {value('AWSROLE_PROFILE')}: {left}"
        assign([*state["held"], "AWSROLE_NAMES"], state["base"])
        state.update(held=[], base={}, inherited=False)
        remember(["off"])
        show()
        say(left)
        return 0

    def time_left(expires):
        # How long it is until the end of a session, `58m`; nothing for 0, which is no end.
        if not re.fullmatch("[1-9][0-9]{0,11}", expires):
            return ""
        minutes = (int(expires) - int(time.time()) + 59) // 60
        if minutes < 1:
            return "EXPIRED"
        return f"{minutes}m" if minutes < 100 else f"{minutes // 60}h{minutes % 60:02}m"

    def parse(text):
        # Takes the lines apart; None unless they are whole and well-formed.
        lines = text.split("\n")
        if len(lines) < 10 or lines[-2:] != ["end", ""] or not lines[0].startswith("awsrole-session 2 "):
            return None
        if [line.split(" ")[0] for line in lines[1:7]] != ["for", "states", "times", "says", "shows", "unset"]:
            return None
        pairs = [line.partition("=")[::2] for line in lines[7:-2] if "=" in line]
        unset = lines[6].split(" ")[1:]
        expires = lines[3].split(" ")[-1]
        if len(pairs) < len(lines) - 9 or not all(map(names_shape.fullmatch, [name for name, _ in pairs] + unset)):
            return None
        if controls.search("".join(lines[4:])) or not re.fullmatch("[0-9]{1,12}", expires):
            return None
        return {"set": dict(pairs), "unset": unset, "says": lines[4][len("says ") :], "expires": expires}

    def switch(words, stdin):
        status, text = from_base(["session-lines", *words], stdin, subprocess.PIPE)
        if status != 0 or not text.startswith("awsrole-session "):
            if not text.startswith("awsrole-session "):
                print(text, end="")  # like the answer to --help
            return status
        session = parse(text)
        if session is None:
            say("awsrole's answer was incomplete or of another version, so nothing was changed; open a new shell, or install awsrole again")
            return 1
        held = [*session["set"], *session["unset"]]
        if held != state["held"]:
            assign(state["held"], state["base"])
            state.update(held=held, base=values(held))
        assign(held, session["set"])
        env["AWSROLE_NAMES"] = " ".join(session["set"])
        show()
        remember([word for at, word in enumerate(words) if at > 0 or word != "--again"])
        left = time_left(session["expires"])
        say(session["says"] + (f", {left} left" if left.endswith("m") else f", {left}" if left else ""))
        return 0

    def awsrole(args, stdin=None, stdout=None, stderr=None, spec=None):
        # The first word decides what is asked for.
        adopt()
        # The terminal itself, so that a command of `exec` finds one.
        if getattr(spec, "last_in_pipeline", True) and spec.captured in (False, "hiddenobject"):
            stdout = None
        previous = state["previous"]
        if args == ["off"] or (args == ["-"] and previous == ["off"]):
            return off()
        if args == ["-"]:
            if previous is None:
                say("awsrole -: there is no role before this one in this shell; run: awsrole PROFILE")
                return 2
            return switch(["--again", *previous], stdin)
        if not args or args[0] in ("status", "whoami", "doctor", "console"):
            return start(args, env.detype(), stdin, stdout)[0]  # of what this shell holds
        if args[0] in commands.split():
            return from_base(args, stdin, stdout)[0]
        return switch(args, stdin)

    def segment():
        # Who this shell is and for how long, if it still holds what was put there: what stands in front of the prompt.
        name = value("AWSROLE_PROFILE")
        if not name or value("AWSROLE_PROMPT") == "off":
            return ""
        if re.match("arn:.*/", name):
            name = f"{value('AWSROLE_ACCOUNT_ID')}:{name.rpartition('/')[2]}"
        if value("AWS_ACCESS_KEY_ID") != value("AWSROLE_ACCESS_KEY_ID") or "AWS_PROFILE" in env:
            name += "?"
        elif value("AWSROLE_EXPIRES") in ("", "0") and "AWS_SESSION_TOKEN" not in env:
            name += " keys"
        else:
            name = f"{name} {time_left(value('AWSROLE_EXPIRES'))}".rstrip()
        # Between braces stands what xonsh would put something in the place of.
        return f"({controls.sub('?', name)}) ".replace("{", "{{").replace("}", "}}")

    def show(**_):
        # In front of any prompt, also one that was set in the meantime; a child, which may get it, knows no such field.
        prompt = env.get("PROMPT")
        if not env.get("XONSH_INTERACTIVE") or not isinstance(prompt, str):
            return
        if value("AWSROLE_PROFILE") and "{awsrole}" not in prompt:
            env["PROMPT"] = "{awsrole}" + prompt
        elif not value("AWSROLE_PROFILE") and prompt.startswith("{awsrole}"):
            env["PROMPT"] = prompt[len("{awsrole}") :]

    @contextual_command_completer_for("awsrole")
    def complete(context):
        # What may stand at the cursor: the core knows, the names of profiles too.
        words = [argument.value for argument in context.args[1 : context.arg_index]]
        _, answer = from_base(["complete", "xonsh", *words, context.prefix], subprocess.DEVNULL, subprocess.PIPE)
        kind, *lines = answer.rstrip("\n").split("\n")
        if kind != "words":
            return None
        offers = [line.partition("\t")[::2] for line in lines]
        return {RichCompletion(word, description=about, append_space=True) for word, about in offers}

    XSH.aliases["awsrole"] = awsrole
    add_one_completer("awsrole", complete, "start")
    env["PROMPT_FIELDS"]["awsrole"] = segment
    if "__awsrole_shown" not in XSH.ctx:
        XSH.ctx["__awsrole_shown"] = True
        XSH.builtins.events.on_pre_prompt(show)


__awsrole_load(__awsrole_root)
del __awsrole_load, __awsrole_root
