"""The guards find planted violations and let good code pass. Run: python3 -m unittest discover -s tools/tests"""

import importlib.machinery
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parent.parent


def load(name):
    loader = importlib.machinery.SourceFileLoader(name, str(TOOLS / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


class CheckBanned(unittest.TestCase):
    def found(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return load("check_banned").find_banned(pathlib.Path(folder))

    def test_every_rule_finds_its_violation(self):
        planted = {
            "src/operator/a.cc": "int x;\nduckdb_arrow_scan(c, t, s);\n",
            "src/operator/b.cc": "#define DUCKDB_API_ALLOW_DEPRECATED\n",
            "src/operator/c.cc": "duckdb_query(c, sql, &r);\n",
            "src/operator/d.h": "duckdb_appender_create_ext(c);\n",
            "src/operator/e.h": "#include <regex>\n",
            "src/operator/f.cc": "std::regex r;\n",
            "src/operator/g.cc": "#include <grpcpp/grpcpp.h>\n",
            "src/operator/h.cc": "auto now = std::chrono::steady_clock::now();\n",
            "src/operator/i.cc": "if (std::getenv(\"X\")) return;\n",
            "src/operator/CMakeLists.txt": "target_link_libraries(a PRIVATE re2::re2)\n",
            "tools/bootstrap.d/components.sh": "./configure --enable-static\n",
        }
        found = self.found(planted)
        self.assertEqual({line.split(":")[0] for line in found}, set(planted))
        self.assertTrue(any(line.startswith("src/operator/a.cc:2: duckdb_arrow_scan") for line in found))

    def test_comments_and_allowed_places_pass(self):
        self.assertEqual(self.found({
            "src/operator/a.cc": "// never duckdb_arrow_scan\n/* nor\n std::regex */ const char* url = \"http://x\";\n",
            "src/expression/a.cc": "duckdb_query(c, sql, &r);\n",
            "src/operator/tests/a_test.cc": "std::thread t;\n",
            "src/runtime/a.cc": "std::thread t;\n",
            "src/cli/query.cc": "duckdb_query(c, sql, &r);\n",
            "src/CMakeLists.txt": "target_link_libraries(a PRIVATE re2::static) # not re2::re2\n",
        }), [])

    def test_the_project_itself_passes(self):
        self.assertEqual(load("check_banned").find_banned(TOOLS.parent), [])


class CheckLayers(unittest.TestCase):
    LAYERS = ("module low 0:\nmodule left/a 1: low\nmodule left/b 1: low\nmodule top 2: low left/a left/b\n"
              "header zlib.h : left/a\nheader gtest/ : tests\n")
    GOOD = {
        "src/low/low.h": "#include <vector>\n",
        "src/low/tests/low_test.cc": "#include <gtest/gtest.h>\n#include \"low/low.h\"\n",
        "src/left/a/a.h": "#include \"low/low.h\"\n",
        "src/left/a/a_internal.h": "#include <zlib.h>\n",
        "src/left/a/a.cc": "#include \"left/a/a.h\"\n#include \"left/a/a_internal.h\"\n",
        "src/left/b/b.h": "#include \"low/low.h\"\n",
        "src/top/top.cc": "#include \"left/a/a.h\"\n#include \"left/b/b.h\"\n#include \"low/low.h\"\n",
    }

    def found(self, files, layers=LAYERS):
        with tempfile.TemporaryDirectory() as folder:
            basics = {f"src/{module}/{name}": "" for module in ("low", "left/a", "left/b", "top") for name in ("README.md", "CMakeLists.txt")}
            for name, text in {**basics, **files, "cmake/layers": layers}.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            result = subprocess.run([sys.executable, str(TOOLS / "check_layers"), folder], capture_output=True, text=True)
        return [] if result.returncode == 0 else result.stdout.splitlines()

    def test_a_good_house_passes(self):
        self.assertEqual(self.found(self.GOOD), [])

    def test_every_rule_finds_its_violation(self):
        planted = {
            "an edge up": ("src/low/up.cc", "#include \"left/a/a.h\"\n", "low may not include left/a"),
            "an edge between neighbours": ("src/left/a/b.cc", "#include \"left/b/b.h\"\n", "left/a may not include left/b"),
            "another's internals": ("src/top/in.cc", "#include \"left/a/a_internal.h\"\n", "is internal to left/a"),
            "internals in a public header": ("src/left/a/open.h", "#include \"left/a/a_internal.h\"\n", "in a public header"),
            "a library of somebody else": ("src/top/z.cc", "#include <zlib.h>\n", "belongs to left/a, not to top"),
            "a library in a public header": ("src/left/a/z.h", "#include <zlib.h>\n", "in a public header"),
            "a library that nobody owns": ("src/top/x.cc", "#include <curl/curl.h>\n", "has no owner"),
            "a test's library outside of tests": ("src/top/t.cc", "#include <gtest/gtest.h>\n", "not to top"),
            "a folder that is no module": ("src/left/c/c.cc", "int x;\n", "under no module"),
            "a file beside the modules": ("src/left/x.cc", "int x;\n", "under no module"),
        }
        for what, (name, text, words) in planted.items():
            with self.subTest(what):
                found = self.found({**self.GOOD, name: text})
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(name) and words in found[0], found)

    def test_what_the_file_allows_must_be_used(self):
        unused = {name: text for name, text in self.GOOD.items() if name not in ("src/left/a/a_internal.h", "src/left/a/a.cc", "src/left/b/b.h")}
        self.assertEqual(self.found({**unused, "src/left/b/b.h": ""}), [
            "cmake/layers: left/b uses nothing of low: remove the edge",
            "cmake/layers: left/a includes nothing of zlib.h: it is no owner"])

    def test_a_module_says_what_it_is(self):
        found = self.found({**self.GOOD}, self.LAYERS + "module more 3:\n")
        self.assertEqual(found, [f"src/more: has no {name}" for name in ("README.md", "CMakeLists.txt")])

    def test_forward_declarations_are_there_for_somebody(self):
        names = {**self.GOOD, "src/low/fwd.h": "class Low;\n"}
        self.assertEqual(self.found(names), ["src/low/fwd.h: nobody includes it: remove it"])
        self.assertEqual(self.found({**names, "src/left/a/b.h": "#include \"low/fwd.h\"\n"}), [])

    def test_edges_go_down(self):
        found = self.found(self.GOOD, self.LAYERS.replace("left/b 1: low", "left/b 1: low top none"))
        self.assertEqual(found[:2], ["cmake/layers: left/b (layer 1) may not depend on top (layer 2): edges go down only",
                                     "cmake/layers: left/b depends on unknown module none"])


class CheckSizes(unittest.TestCase):
    def found(self, files):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["git", "init", "-q", folder], check=True)
            for name, text in {**files, "tools/check_sizes": (TOOLS / "check_sizes").read_text()}.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            result = subprocess.run([sys.executable, os.path.join(folder, "tools/check_sizes")], capture_output=True, text=True)
        return result.returncode, result.stdout.splitlines()

    def function(self, lines, head="int f() {", indent=""):
        return f"{indent}{head}\n" + f"{indent}  g();\n" * (lines - head.count("\n") - 2) + f"{indent}}}\n"

    def test_what_is_too_long_is_found(self):
        wrapped = "Result<int> f(int a,\n              int b) {"
        self.assertEqual(self.found({
            "src/base/a.h": "\n" * 601,
            "src/base/b.cc": "namespace weir {\n" + self.function(71) + "}  // namespace weir\n",
            "src/base/c.h": "class C {\n public:\n" + self.function(71, "C() : x(1) {", "  ") + "};\n",
            "bench/d.cc": "int x;\n" + self.function(71, wrapped),
            "tests/e.cc": self.function(71, 'TEST(A, B) {\n  f(R"(\n}\nx)");'),
        }), (1, [
            "bench/d.cc:2: a function of 71 lines; the limit is 70",
            "src/base/a.h: 601 lines; the limit is 600",
            "src/base/b.cc:2: a function of 71 lines; the limit is 70",
            "src/base/c.h:3: a function of 71 lines; the limit is 70",
            "tests/e.cc:1: a function of 71 lines; the limit is 70",
        ]))

    def test_what_just_fits_passes(self):
        long_class = "class C {\n" + self.function(60, "int f() {", "  ") * 9 + "};\n"
        self.assertEqual(self.found({"src/a.cc": "\n" * 600, "src/b.cc": self.function(70) * 2, "src/c.cc": long_class}),
                         (0, ["sizes: 3 files within the limits"]))


class CheckSymbolsRules(unittest.TestCase):
    def found(self, *bindings):
        return sorted({key[:2] for key in load("check_symbols").find_violations(bindings, "weir")})

    def test_tls_libraries_must_not_use_the_openssl_inside_libparquet(self):
        self.assertEqual(self.found(
            ("/usr/lib/libssl.so.3", "/deps/libparquet.so.2500", "EVP_MD_get0_name"),
            ("/usr/lib/libcurl.so.4", "/deps/libparquet.so.2500", "X509_free"),
        ), [("libcurl.so.4", "libparquet.so.2500"), ("libssl.so.3", "libparquet.so.2500")])

    def test_the_program_may_only_use_arrow_names(self):
        self.assertEqual(self.found(
            ("/bin/weir", "/deps/libarrow.so.2500", "arrow::Status::ToString[abi:cxx11]() const"),
            ("/bin/weir", "/deps/libparquet.so.2500", "SSL_CTX_new"),
            ("/bin/weir", "/deps/libarrow.so.2500", "opentelemetry::v1::trace::GetSpan()"),
        ), [("weir", "libarrow.so.2500"), ("weir", "libparquet.so.2500")])

    def test_re2_must_not_cross(self):
        self.assertEqual(self.found(("/deps/libarrow_compute.so.2500", "/usr/lib/libre2.so.9", "re2::RE2::~RE2()")),
                         [("libarrow_compute.so.2500", "libre2.so.9")])
        self.assertEqual(self.found(("/bin/weir", "/deps/libarrow_compute.so.2500", "re2::RE2::Arg::parse_null(char const*)")),
                         [("weir", "libarrow_compute.so.2500")])
        self.assertEqual(self.found(("/usr/lib/libre2.so.9", "/usr/lib/libre2.so.9", "x")), [("libre2.so.9", "libre2.so.9")])

    def test_good_bindings_pass(self):
        self.assertEqual(self.found(
            ("/deps/libparquet.so.2500", "/usr/lib/libcrypto.so.3", "EVP_sha256"),
            ("/deps/libparquet.so.2500", "/deps/libarrow.so.2500", "arrow::Buffer::~Buffer()"),
            ("/deps/libduckdb.so", "/deps/libarrow.so.2500", "std::vector<int>::push_back(int&&)"),
            ("/usr/lib/libcurl.so.4", "/usr/lib/libssl.so.3", "SSL_new"),
        ), [])


class CheckSymbolsRuns(unittest.TestCase):
    """A real program with a library named like Arrow's that exports an OpenSSL function."""

    def link(self, folder, order):
        def gcc(*arguments):
            subprocess.run(["gcc", *arguments], cwd=folder, check=True)
        pathlib.Path(folder, "wheel.c").write_text("int EVP_thing(void) { return 1; }\n")
        pathlib.Path(folder, "crypto.c").write_text("int EVP_thing(void) { return 2; }\n")
        pathlib.Path(folder, "main.c").write_text("int EVP_thing(void);\nint main(void) { return EVP_thing() == 0; }\n")
        gcc("-shared", "-fPIC", "-Wl,-soname,libparquet.so.2500", "-o", "libparquet.so.2500", "wheel.c")
        gcc("-shared", "-fPIC", "-Wl,-soname,libcrypto.so.3", "-o", "libcrypto.so.3", "crypto.c")
        gcc("-o", "program", "main.c", "-Wl,--no-as-needed", *order, "-Wl,-rpath,$ORIGIN")
        return subprocess.run([TOOLS / "check_symbols", os.path.join(folder, "program")], capture_output=True, text=True)

    def test_wrong_order_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            result = self.link(folder, ["./libparquet.so.2500", "./libcrypto.so.3"])
        self.assertEqual(result.returncode, 1)
        self.assertIn("EVP_thing", result.stderr)

    def test_right_order_passes(self):
        with tempfile.TemporaryDirectory() as folder:
            result = self.link(folder, ["./libcrypto.so.3", "./libparquet.so.2500"])
        self.assertEqual((result.returncode, result.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
