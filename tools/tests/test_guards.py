"""The guards find planted violations and let good code pass. Run: python3 -m unittest discover -s tools/tests"""

import importlib.machinery
import importlib.util
import os
import pathlib
import subprocess
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
            "src/cli/query.cc": "duckdb_query(c, sql, &r);\n",
            "src/CMakeLists.txt": "target_link_libraries(a PRIVATE re2::static) # not re2::re2\n",
        }), [])

    def test_the_project_itself_passes(self):
        self.assertEqual(load("check_banned").find_banned(TOOLS.parent), [])


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
