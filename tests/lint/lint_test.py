#!/usr/bin/env python3
"""Plants each mistake that tools/lint knows in a small tree of its own, and sees it found."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

LINT = pathlib.Path(__file__).resolve().parents[2] / "tools" / "lint"

ARCHITECTURE = """
| module | holds | may include directly |
|---|---|---|
| `base` | ground | (nothing of ours) |
| `engine` | rules | base |
| `store` | rows | base |
| `driver` | the loop | base engine store/store.h |
| `cli` | commands | any |

| header | only in |
|---|---|
| `base/clock.h` | base cli |
"""

GOOD = {
    "ARCHITECTURE.md": ARCHITECTURE,
    "src/base/clock.h": "#pragma once\n",
    "src/base/text.h": "#pragma once\n",
    "src/engine/engine.h": '#pragma once\n\n#include "base/text.h"\n',
    "src/engine/engine.cc": "// rand() is not called here, nor system_clock::now().\n"
    'const char* kText = "sleep_for";\n',
    "src/engine/engine_test.cc": '#include "store/store.h"\nvoid Test() { engine->Apply(1); }\n',
    "src/engine/CMakeLists.txt": "signalbox_module(NAME engine SOURCES engine.cc TESTS engine_test.cc)\n",
    "src/store/store.h": "#pragma once\n",
    "src/store/sqlite_store.h": "#pragma once\n",
    "src/driver/driver.cc": '#include "engine/engine.h"\n#include "store/store.h"\n'
    "void Go() { engine->Apply(1), store.Commit(2); }\n",
    "src/driver/CMakeLists.txt": "signalbox_module(NAME driver SOURCES driver.cc)\n",
    "src/cli/main.cc": '#include "base/clock.h"\n#include "store/sqlite_store.h"\n',
    "src/cli/CMakeLists.txt": "signalbox_module(NAME cli SOURCES main.cc)\n",
}


class Lint(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="signalbox_lint_"))
        self.addCleanup(shutil.rmtree, self.root)
        for path, text in GOOD.items():
            self.write(path, text)
        for module in (self.root / "src").iterdir():
            (module / "README.md").write_text("what it holds\n")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def append(self, path, text):
        self.write(path, (self.root / path).read_text() + text)

    def lint(self, *options):
        command = [sys.executable, str(LINT), "--root", str(self.root), *options]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = result.stdout.splitlines()[:-1]
        self.assertEqual(result.returncode, 1 if lines else 0, result.stdout + result.stderr)
        return lines

    def finds(self, *pieces):
        lines = self.lint("--no-format")
        self.assertEqual(len(lines), 1, lines)
        for piece in pieces:
            self.assertIn(piece, lines[0])

    def test_a_good_tree_has_no_finding(self):
        self.assertEqual(self.lint("--no-format"), [])

    def test_an_include_that_the_table_does_not_allow(self):
        self.append("src/engine/engine.cc", '#include "driver/driver.h"\n')
        self.finds("src/engine/engine.cc:3:", "engine may not include driver/driver.h")

    def test_a_concrete_store_where_only_the_interface_is_allowed(self):
        self.append("src/driver/driver.cc", '#include "store/sqlite_store.h"\n')
        self.finds("driver may not include store/sqlite_store.h")

    def test_a_header_with_few_users(self):
        self.append("src/driver/driver.cc", "#include <base/clock.h>\n")
        self.finds("src/driver/driver.cc:4:", "base/clock.h is off limits to driver")

    def test_a_module_without_a_row_and_a_row_without_a_module(self):
        self.write("src/aws/README.md", "aws\n")
        self.finds("src/aws has no row")
        self.append("ARCHITECTURE.md", "")
        shutil.rmtree(self.root / "src" / "aws")
        shutil.rmtree(self.root / "src" / "cli")
        self.finds("`cli`", "no such folder")

    def test_no_tables_at_all(self):
        self.write("ARCHITECTURE.md", "nothing\n")
        self.finds("the tables")

    def test_the_engine_stepped_outside_the_driver(self):
        self.append("src/cli/main.cc", "void Go() {\n  engine->Apply(event);\n}\n")
        self.finds("src/cli/main.cc:4:", "Engine::Apply")

    def test_a_commit_outside_the_driver(self):
        self.append("src/cli/main.cc", "void Go() { store.Commit(batch, 1); }\n")
        self.finds("Store::Commit")

    def test_banned_calls_in_pure_modules(self):
        for call in (
            "std::chrono::system_clock::now()",
            "std::this_thread::sleep_for(x)",
            "rand()",
            "std::uniform_int_distribution<int> d",
            "co_return 1",
        ):
            with self.subTest(call):
                self.write("src/engine/engine.cc", f"auto x = 1;\nvoid F() {{ {call}; }}\n")
                self.finds("src/engine/engine.cc:2:", "in a pure module")

    def test_a_command_that_prints_by_itself(self):
        for call in ('std::printf("x")', 'puts("x")', 'std::fwrite(p, 1, 1, stdout)', 'std::cout << 1'):
            with self.subTest(call):
                self.write("src/cli/main.cc", f"int x;\nvoid F() {{ {call}; }}\n")
                self.finds("src/cli/main.cc:2:", "print with cli/output.h")

    def test_json_that_boost_writes(self):
        self.append("src/cli/main.cc", "auto text = json::serialize(value);\n")
        self.finds("src/cli/main.cc:3:", "json_text.h")

    def test_an_engine_that_knows_a_kind_of_work(self):
        for code in ("model::ClusterRow* row;", "void OnLaunched();", "struct EmrTurn;"):
            with self.subTest(code):
                self.write("src/engine/engine.cc", f"int x;\n{code}\n")
                self.finds("src/engine/engine.cc:2:", "no kind of work")

    def test_the_engine_may_name_a_cluster_in_a_text(self):
        self.append("src/engine/engine.cc", '// A launch.\nconst char* kWhy = "its cluster is gone";\n')
        self.assertEqual(self.lint("--no-format"), [])

    def test_two_draws_in_one_calls_arguments(self):
        self.append("src/driver/driver.cc", "void F() { Add(dice_.Of(kAll),\n    dice_.Between(1, 2)); }\n")
        self.finds("src/driver/driver.cc:4:", "two draws")

    def test_draws_in_braces_are_in_order(self):
        self.append("src/driver/driver.cc", "void F() { Add({dice_.Of(kAll), dice_.Between(1, 2)}); }\n")
        self.assertEqual(self.lint("--no-format"), [])

    def test_a_test_that_no_build_knows(self):
        self.write("src/engine/retry_test.cc", "int x;\n")
        self.finds("src/engine/retry_test.cc:1:", "never built")

    def test_a_test_that_is_commented_out(self):
        self.write(
            "src/engine/CMakeLists.txt",
            "signalbox_module(NAME engine SOURCES engine.cc # TESTS engine_test.cc\n)\n",
        )
        self.finds("src/engine/engine_test.cc:1:", "never built")

    def test_the_driver_reached_through_other_headers(self):
        self.write("src/driver/driver.h", "#pragma once\n")
        self.write("src/driver/parts.h", '#pragma once\n\n#include "driver/driver.h"\n')
        self.write("src/driver/wire.h", '#pragma once\n\n#include "driver/parts.h"\n')
        self.assertEqual([], self.lint("--no-format"))
        self.append("src/cli/main.cc", '#include "driver/wire.h"\n')
        self.finds("src/cli/main.cc:3:", "driver/wire.h → driver/parts.h → driver/driver.h")
        self.write("src/driver/parts.h", "#pragma once\n")
        self.assertEqual([], self.lint("--no-format"))
        self.write("src/engine/state.h", "#pragma once\n")
        self.append("src/cli/main.cc", '#include "engine/state.h"\n')
        self.finds("src/cli/main.cc:4:", "engine/state.h")

    def test_a_long_file(self):
        self.write("src/engine/engine.cc", "int x;\n" * 801)
        self.finds("801 lines")

    def test_a_module_without_a_short_readme(self):
        (self.root / "src/engine/README.md").unlink()
        self.finds("src/engine/README.md:1:", "every module has a README")
        self.write("src/engine/README.md", "a\n" * 41)
        self.finds("at most 40 lines")

    def test_words(self):
        for word in ("TO" + "DO", "FIX" + "ME", "/wor" + "k/"):
            with self.subTest(word):
                self.write("docs/guide.md", f"a\n{word}: b\n")
                self.finds("docs/guide.md:2:", word)

    def test_old_words_in_a_document(self):
        for old, word in (
            ("it is mended", "mended"),
            ("Whoever asks", "Whoever"),
            ("for\nelse it waits", "for else"),
            ("what befell it", "befell"),
            ("it is told of", "told of"),
        ):
            with self.subTest(old):
                self.write("docs/guide.md", f"a\n{old}\n")
                self.finds("docs/guide.md:2:", f"'{word}' is an old word")

    def test_old_words_in_a_source(self):
        good = GOOD["src/base/clock.h"]
        for text in ("// Whoever asks.\n", "// It waits, for\n// else it ends.\n", 'auto x = "it bears";\n'):
            with self.subTest(text):
                self.write("src/base/clock.h", good + text)
                self.finds("src/base/clock.h:2:", "is an old word")

    def test_words_that_only_look_old(self):
        self.write("docs/guide.md", "amend, ailment, `Bear`, for elsewhere, bearer token\n")
        self.append("src/base/clock.h", "int mend, anew, whoever;\n")
        self.assertEqual(self.lint("--no-format"), [])

    @unittest.skipUnless(shutil.which("clang-format-19"), "clang-format-19 is not installed")
    def test_the_format(self):
        shutil.copy(LINT.parents[1] / ".clang-format", self.root)
        self.assertEqual([], [line for line in self.lint() if "base/clock.h" in line])
        self.append("src/base/clock.h", "int   x;\n")
        self.assertIn("src/base/clock.h:2: not in the house format: run make format", self.lint())


if __name__ == "__main__":
    unittest.main()
