"""tools/build, tools/bootstrap and tools/check_format, with stand-ins for the programs that they call."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parent.parent


class Script(unittest.TestCase):
    """A project of its own with one script of tools in it, and a folder of stand-ins first on the PATH."""

    name = ""

    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="weir-tools-"))
        self.addCleanup(shutil.rmtree, self.root)
        (self.root / "bin").mkdir()
        (self.root / "tools").mkdir()
        shutil.copy(TOOLS / self.name, self.root / "tools")
        self.environment = {**os.environ, "PATH": f"{self.root}/bin:{os.environ['PATH']}", "LOG": str(self.root / "log")}

    def stand_in(self, name, text):
        path = self.root / "bin" / name
        path.write_text(f"#!/bin/bash\n{text}\n")
        path.chmod(0o755)

    def start(self, *arguments):
        command = [self.root / "tools" / self.name, *arguments]
        return subprocess.Popen(command, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run_script(self, *arguments):
        process = self.start(*arguments)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err


class Build(Script):
    name = "build"

    def setUp(self):
        super().setUp()
        (self.root / "CMakePresets.json").write_text("{}")
        (self.root / ".deps").symlink_to("first")
        self.stand_in("cmake", 'echo configure >>"$LOG"; touch build/dev/build.ninja')
        self.stand_in("ninja", 'echo "begin ${*:3}" >>"$LOG"; sleep 0.3; echo "end ${*:3}" >>"$LOG"')

    def log(self):
        lines = (self.root / "log").read_text().splitlines()
        (self.root / "log").unlink()
        return lines

    def test_configures_once_and_again_when_presets_changed(self):
        self.assertEqual([self.run_script("dev", "a")[0] for _ in range(2)], [0, 0])
        self.assertEqual(self.log(), ["configure", "begin a", "end a", "begin a", "end a"])
        (self.root / "CMakePresets.json").write_text("{ }")
        self.run_script("dev", "a")
        self.assertEqual(self.log(), ["configure", "begin a", "end a"])

    def test_what_was_built_with_other_dependencies_is_built_again(self):
        self.run_script("dev", "a")
        self.log()
        (self.root / ".deps").unlink()
        (self.root / ".deps").symlink_to("second")
        self.run_script("dev", "a")
        self.assertEqual(self.log(), ["begin -t clean", "end -t clean", "configure", "begin a", "end a"])

    def test_a_failed_configuration_is_tried_again(self):
        self.stand_in("cmake", "echo no compiler; exit 1")
        code, _, err = self.run_script("dev", "a")
        self.assertEqual(code, 1)
        self.assertIn("no compiler", err)
        self.assertEqual(self.run_script("dev", "a")[0], 1)

    def test_two_builds_of_a_preset_take_turns(self):
        processes = [self.start("dev", "a") for _ in range(2)]
        said = [process.communicate(timeout=60)[1] for process in processes]
        self.assertEqual(self.log(), ["configure"] + ["begin a", "end a"] * 2)
        self.assertEqual(sorted(said), ["", "waiting for another build in build/dev\n"])


class Bootstrap(Script):
    """One component `thing`, a file from npm, and one Debian package; nobody sleeps."""

    name = "bootstrap"
    good = hashlib.sha256(b"good\n").hexdigest()

    def setUp(self):
        super().setUp()
        shutil.copytree(TOOLS / "bootstrap.d", self.root / "tools/bootstrap.d")
        self.recipe('fetch build/thing npm; cp "$(fetched build/thing npm)" "$1"')
        self.lock("build apt wanted - - -", f"build/thing npm thing 1.0 thing-1.0.tgz {self.good}")
        self.environment["WEIR_CACHE"] = str(self.root / "cache")
        self.stand_in("sleep", "")
        self.stand_in("id", "echo 0")
        self.stand_in("dpkg-query", 'echo "installed:wanted "')
        self.npm_gives("good")

    def recipe(self, text):
        with open(self.root / "tools/bootstrap.d/components.sh", "a") as file:
            file.write(f"\nmake_thing() {{ {text}; }}\n")

    def lock(self, *lines):
        (self.root / "tools/deps.lock").write_text("".join(line + "\n" for line in lines))

    def npm_gives(self, text):
        self.stand_in("npm", f'echo call >>"$LOG"; echo {text} >"$4/thing-1.0.tgz"')

    def thing(self):
        return (self.root / ".deps/thing/thing-1.0.tgz").read_text()

    def test_a_bad_download_is_refused_and_the_next_run_fetches_again(self):
        self.npm_gives("bad")
        code, _, err = self.run_script()
        self.assertEqual(code, 1)
        self.assertIn("refused", err)
        self.npm_gives("good")
        self.assertEqual(self.run_script()[0], 0)
        self.assertEqual(self.thing(), "good\n")

    def test_a_damaged_file_in_the_cache_is_fetched_again(self):
        kept = self.root / "cache/downloads/thing-1.0.tgz"
        kept.parent.mkdir(parents=True)
        kept.write_text("damaged")
        code, _, err = self.run_script()
        self.assertEqual((code, self.thing(), kept.read_text()), (0, "good\n", "good\n"))
        self.assertIn("thing-1.0.tgz was kept with another hash", err)

    def test_a_registry_with_a_bad_moment_is_asked_again(self):
        self.stand_in("npm", 'echo call >>"$LOG"; [ $(wc -l <"$LOG") = 3 ] || exit 1; echo good >"$4/thing-1.0.tgz"')
        self.assertEqual(self.run_script()[0], 0)
        self.stand_in("npm", 'echo call >>"$LOG"; exit 1')
        shutil.rmtree(self.root / "cache")
        (self.root / "log").unlink()
        self.assertEqual(self.run_script()[0], 1)
        self.assertEqual((self.root / "log").read_text(), "call\n" * 4)

    def test_a_damaged_jar_is_removed_from_mavens_own_copies(self):
        self.lock(f"build/thing maven org.things:thing 1.0 thing-1.0.jar {self.good}")
        self.recipe('maven_jars build/thing "$1"')
        own = self.root / "cache/maven/org/things/thing/1.0/thing-1.0.jar"
        own.parent.mkdir(parents=True)
        own.write_text("damaged")
        self.stand_in("mvn", f'[ -e {own} ] || {{ mkdir -p {own.parent}; echo good >{own}; }}\nall="$*"; cp {own} "${{all##*-DoutputDirectory=}}"')
        code, _, err = self.run_script()
        self.assertEqual(code, 0, err)
        self.assertEqual((self.root / ".deps/thing/thing-1.0.jar").read_text(), "good\n")

    def test_two_at_once_take_turns_with_apt_too(self):
        self.stand_in("dpkg-query", 'cat "$LOG.installed" 2>/dev/null')
        self.stand_in("apt-get", 'echo "begin $1" >>"$LOG"; /bin/sleep 0.3; echo "end $1" >>"$LOG"\n'
                                 '[ "$1" = update ] || echo "installed:wanted " >"$LOG.installed"\n'
                                 '[[ "$*" = *DPkg::Lock::Timeout=300* ]]')
        processes = [self.start() for _ in range(2)]
        said = [process.communicate(timeout=60)[1] for process in processes]
        self.assertEqual([process.returncode for process in processes], [0, 0], said)
        lines = (self.root / "log").read_text().splitlines()
        self.assertEqual(lines, ["begin update", "end update", "begin install", "end install", "call"])


class CheckFormat(Script):
    name = "check_format"

    def setUp(self):
        super().setUp()
        subprocess.run(["git", "init", "-q"], cwd=self.root, check=True)
        (self.root / ".clang-format").write_text("BasedOnStyle: Google\n")
        (self.root / "good.cc").write_text("int x;\n")

    def test_good_sources_pass(self):
        self.assertEqual(self.run_script(), (0, "format: 1 files as .clang-format wants them\n", ""))

    def test_bad_sources_are_named_and_mended(self):
        (self.root / "a bad name.cc").write_text("int   x ;\n")
        self.assertEqual(self.run_script(), (1, "not formatted (make format):\na bad name.cc\n", ""))
        self.assertEqual(self.run_script("--fix")[0], 0)
        self.assertEqual(self.run_script()[0], 0)

    def test_a_tool_that_is_missing_or_crashes_fails(self):
        self.stand_in("clang-format-14", "exit 127")
        code, out, _ = self.run_script()
        self.assertEqual((code, out), (1, "error: clang-format-14 did not work:\nwithout a word\n"))
        self.stand_in("clang-format-14", "kill -SEGV $$")
        self.assertEqual(self.run_script()[0], 1)

    def test_no_sources_fail(self):
        (self.root / "good.cc").unlink()
        self.assertEqual(self.run_script()[0], 1)


if __name__ == "__main__":
    unittest.main()
