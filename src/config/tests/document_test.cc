#include "config/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Parsed {
  std::optional<Document> document;
  Diagnostics diagnostics;
  std::string errors() const { return diagnostics.render(); }
};

Parsed read(std::string_view text) {
  Parsed out;
  out.document = parse("f.yaml", text, out.diagnostics);
  return out;
}

TEST(Document, KnowsThePlaceOfEveryKeyAndValue) {
  const Parsed p = read("a: 1\nb:\n  - x\n  - {c: 'é', d: \"q\"}\n\"e\": |\n  text\n");
  ASSERT_TRUE(p.document) << p.errors();
  const Node& root = p.document->root();
  EXPECT_EQ(root.begin(), (Position{1, 1}));
  EXPECT_EQ(root.entries()[1].key_begin, (Position{2, 1}));
  EXPECT_EQ(p.document->find("b")->begin(), (Position{3, 3}));
  EXPECT_EQ(p.document->find("b[0]")->begin(), (Position{3, 5}));
  EXPECT_EQ(p.document->find("b[1].d")->begin(), (Position{4, 17}));
  EXPECT_EQ(p.document->find("b[1].d")->end(), (Position{4, 20}));
  EXPECT_EQ(p.document->find("e")->text(), "text\n");
  EXPECT_EQ(root.entries()[2].key, "e");
}

TEST(Document, FindsThePlaceOfAPathOrOfTheNearestValueAboveIt) {
  const Parsed p = read("steps:\n- {name: a}\n- name: b\n  filter: x\n\"a.b\": {c: 1}\n");
  ASSERT_TRUE(p.document) << p.errors();
  EXPECT_EQ(p.document->locate("steps[1].filter").at, (Position{4, 11}));
  EXPECT_EQ(p.document->locate("steps[1].select").at, (Position{3, 3}));
  EXPECT_EQ(p.document->locate("steps[7]").at, (Position{2, 1}));
  EXPECT_EQ(p.document->locate("nothing.at[0].all").at, (Position{1, 1}));
  EXPECT_EQ(p.document->locate("[\"a.b\"].c").at, (Position{5, 12}));
  EXPECT_EQ(p.document->locate("steps[1].select").path, "steps[1].select");
  EXPECT_EQ(path_key(path_key("", "a.b"), "c"), "[\"a.b\"].c");
  EXPECT_EQ(path_index(path_key("", "steps"), 1), "steps[1]");
  EXPECT_EQ(p.document->find("steps[1"), nullptr);
  EXPECT_EQ(p.document->find("[\"a"), nullptr);
}

TEST(Document, FindsThePlaceInsideOfATextThatStandsInTheFileAsItIs) {
  const Parsed p = read(
      "plain: a é + bad\nquoted: \"a + bad\"\nescaped: \"a\\t+ bad\"\nblock: |\n  first\n   é bad\nfolded: >\n  a\n  "
      "bad\n");
  ASSERT_TRUE(p.document) << p.errors();
  const auto place = [&](std::string_view path) {
    const Node& node = *p.document->find(path);
    return node.position_at(node.text().find("bad"));
  };
  EXPECT_EQ(place("plain"), (Position{1, 14}));
  EXPECT_EQ(place("quoted"), (Position{2, 14}));
  EXPECT_EQ(place("escaped"), (Position{3, 10}));
  EXPECT_EQ(place("block"), (Position{6, 6}));
  EXPECT_EQ(place("folded"), (Position{7, 9}));
}

TEST(Document, KnowsNullNumbersAndBooleansFromText) {
  const Parsed p =
      read("[null, ~, , \"\", 'null', 1, -1.5e3, .5, 0x1F, 1_000, true, FALSE, yes, 'true', 1.2.3, +1, '1']\n");
  EXPECT_FALSE(p.document);  // an empty entry in a flow list
  const Parsed q =
      read("[null, ~, \"\", 'null', 1, -1.5e3, .5, 0x1F, 1_000, true, FALSE, yes, 'true', 1.2.3, +1, '1']\n");
  ASSERT_TRUE(q.document) << q.errors();
  std::string kinds;
  for (const Node& node : q.document->root().items()) {
    kinds += node.kind() == NodeKind::null ? '-' : node.is_number() ? 'n' : node.is_boolean() ? 'b' : 't';
  }
  EXPECT_EQ(kinds, "--ttnnnttbbtttnt");
}

struct Refused {
  std::string_view yaml;
  std::string_view place_and_message;
};

class DocumentRefuses : public ::testing::TestWithParam<Refused> {};

TEST_P(DocumentRefuses, WithAPlaceAndAHint) {
  const Parsed p = read(GetParam().yaml);
  EXPECT_FALSE(p.document);
  EXPECT_THAT(p.errors(), HasSubstr("f.yaml:" + std::string(GetParam().place_and_message)));
}

INSTANTIATE_TEST_SUITE_P(
    Features, DocumentRefuses,
    ::testing::Values(Refused{"a: &x 1\nb: 2\n", "1:4: an anchor"}, Refused{"a: *x\n", "1:4: an alias"},
                      Refused{"a: !!str 1\n", "1:4: a tag"}, Refused{"a: !<x> 1\n", "1:4: a tag"},
                      Refused{"%YAML 1.2\n---\na: 1\n", "1:1: a directive"},
                      Refused{"a: 1\n---\nb: 2\n", "2:1: a second document"},
                      Refused{"? a\n: b\n", "1:1: an explicit key"}, Refused{"[a]: b\n", "1:1: a collection as a key"},
                      Refused{"{{a: b}: c}\n", "1:2: a collection as a key"},
                      Refused{"{: a}\n", "1:2: a value is missing"}, Refused{"null: a\n", "1:1: an empty key"},
                      Refused{"a: {<<: {b: 1}}\n", "1:5: a merge key"},
                      Refused{"a: 1\nb: 2\na: 3\n", "3:1: the key 'a' is there twice"},
                      Refused{"{\"a\": 1, a: 2}\n", "1:10: the key 'a' is there twice"},
                      Refused{"a:\n  b: 1\n  b: 2\n", "3:3: the key 'b' is there twice"},
                      Refused{"[-]\n", "1:2: a '-' without a value"}));
INSTANTIATE_TEST_SUITE_P(Text, DocumentRefuses,
                         ::testing::Values(Refused{"a:\n\tb: 1\n", "2:1: a tab character"},
                                           Refused{"a:\tb\n", "1:3: a tab character"},
                                           Refused{"a: b\n \tc: d\n", "2:2: a tab character"},
                                           Refused{"a: [\n\tb]\n", "2:1: a tab character"},
                                           Refused{"a: \"b\n\tc\"\n", "2:1: a tab character"},
                                           Refused{std::string_view("a: \0b\n", 6), "1:4: a NUL byte"},
                                           Refused{"a: \xff\n", "1:4: a byte that is not UTF-8"},
                                           Refused{"a: \xC0\xAF\n", "1:4: a byte that is not UTF-8"},
                                           Refused{"é: \xED\xA0\x80\n", "1:4: a byte that is not UTF-8"},
                                           Refused{"a: \xF4\x90\x80\x80\n", "1:4: a byte that is not UTF-8"},
                                           Refused{"a: \xE2\x82", "1:4: a byte that is not UTF-8"},
                                           Refused{"\xFF\xFE"
                                                   "a",
                                                   "1:1: UTF-16"},
                                           Refused{"a: \xEF\xBB\xBF"
                                                   "b\n",
                                                   "1:4: a byte order mark inside"},
                                           Refused{"a: \x07\n", "1:4: the control character U+0007"},
                                           Refused{"a: \"\xE2\x80\xA8\"\n", "1:5: the line separator U+2028"},
                                           Refused{"a: \xC2\x85"
                                                   "b\n",
                                                   "1:4: the line separator U+0085"},
                                           Refused{"a: \x7f\n", "1:4: the control character U+007F"}));
INSTANTIATE_TEST_SUITE_P(
    Structure, DocumentRefuses,
    ::testing::Values(Refused{"a: b: c\n", "1:5: a ': ' where no key can stand"},
                      Refused{"a: 1\n  b: 2\n", "2:4: a ': ' where no key can stand"},
                      Refused{"a:\n  b: 1\n c: 2\n", "3:2: this line does not line up"},
                      Refused{"a: \"b\nc: d\n", "1:4: quotes that are never closed"},
                      Refused{"a: 'b\n", "1:4: quotes that are never closed"},
                      Refused{"a: [b\nc: d\n", "2:2: expected ',' or ']' in the list (it begins at line 1)"},
                      Refused{"a: @b\n", "1:4: a value cannot begin with this character"},
                      Refused{"a: `b`\n", "1:4: a value cannot begin with this character"},
                      Refused{"a: %b\n", "1:4: a value cannot begin with this character"},
                      Refused{"a: \"\\d\"\n", "1:5: an unknown escape"},
                      Refused{"a: [b]#c\n", "1:7: a comment needs a space"},
                      Refused{"a: |#c\n  b\n", "1:5: a comment needs a space"},
                      Refused{"a: |\n    \n  b\n", "3:3: this line does not line up"},
                      Refused{"a: |\n  b", "1:4: the file ends inside of this text"},
                      Refused{"a: - b\n", "1:4: a list cannot begin here"},
                      Refused{"- a\nb: c\n", "2:1: this line does not line up with the '- '"},
                      Refused{"a: [\nb\n]\n", "2:1: this line continues"},
                      Refused{"a: 'b\nc'\n", "2:1: this line continues"}, Refused{"{a: 1", "2:1: expected ',' or '}'"},
                      Refused{"a\nb: 1\n", "2:2: a ': ' where no key can stand"}, Refused{"]", "1:1: "},
                      Refused{"-\n|\n  x\n", "2:1: this value belongs to the line above"},
                      Refused{"a:\n|\n  x\n", "2:1: this value belongs to the line above"},
                      Refused{"a: \"b\\\n\n  c\"\n", "2:1: a blank line after an escaped line break"},
                      Refused{"a: |2\n   \nb: 1\n", "2:1: block text of blank lines only"},
                      Refused{"|\n# a\n", "1:1: a document that is a block of text"},
                      Refused{"a: \"b\n\t\n  c\"\n", "2:1: a tab character"},
                      Refused{"a: b\rc: d\n", "1:5: a carriage return without a line feed"}));

TEST(Document, AcceptsWhatPeopleWrite) {
  for (const std::string_view text : {"",
                                      "\n\n# only a comment\n",
                                      "---\n",
                                      "--- # x\na: 1\n...\n",
                                      "\xEF\xBB\xBF"
                                      "a: 1\n",
                                      "a: 1\r\nb: |\r\n  x\r\n",
                                      "a: [\n  b,\n  c,\n]\n",
                                      "a: {\n  b: 1,\n}\n",
                                      "a: http://x:80/y#z\n",
                                      "a: 'it''s'\n",
                                      "a: \"\\u00e9\\x41\\/\"\n",
                                      "a: b c\n   d\n",
                                      "a:\n- b\n-  c: 1\n   d: 2\n",
                                      "- - a\n  - b\n",
                                      "a: |\n\n  b\n\n",
                                      "a: >-\n  b\n  c\n",
                                      "\"a b\": 1\n",
                                      "a: b # c\n",
                                      "a: -1\n",
                                      "a: |+\n  b\n\n",
                                      "a: {b: 1, c}\n",
                                      "[a: 1]\n"}) {
    const Parsed p = read(text);
    EXPECT_TRUE(p.document) << text << p.errors();
  }
}

TEST(Document, HasLimits) {
  EXPECT_THAT(read(std::string(kDocumentBytesMax + 1, ' ')).errors(), HasSubstr("larger than 1048576 bytes"));
  EXPECT_THAT(read("a: " + std::string(kScalarBytesMax + 1, 'x')).errors(),
              HasSubstr("a text of more than 262144 bytes"));
  EXPECT_TRUE(read("a: " + std::string(kScalarBytesMax, 'x')).document);
  EXPECT_TRUE(read(std::string(64, '[') + std::string(64, ']')).document);
  EXPECT_THAT(read(std::string(65, '[') + std::string(65, ']')).errors(),
              HasSubstr("f.yaml:1:65: nested deeper than 64 levels"));
  EXPECT_THAT(read(std::string(500'000, '[')).errors(), HasSubstr("nested"));
  EXPECT_FALSE(read(std::string(500'000, '{')).document);
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += std::string(static_cast<size_t>(i), ' ') + "a:\n";
  EXPECT_THAT(read(deep).errors(), HasSubstr("nested deeper"));
  std::string dashes;
  for (int i = 0; i < 200'000; ++i) dashes += "- ";
  EXPECT_THAT(read(dashes).errors(), HasSubstr("nested deeper"));
  std::string many = "[";
  for (int i = 0; i < 100'000; ++i) many += "1,";
  EXPECT_THAT(read(many + "]").errors(), HasSubstr("more than 100000 values"));
}

TEST(Document, AnAliasBombIsRefusedAtItsFirstAnchor) {
  EXPECT_THAT(read("a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b]\n").errors(), HasSubstr("f.yaml:1:4: an anchor"));
}

TEST(Document, FiftyThousandKeysInOneMappingAreReadQuickly) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "k" + std::to_string(i) + ": v\n";
  EXPECT_TRUE(read(text).document);
}

TEST(Diagnostics, AnExcerptOfALineThatMayHoldASecretIsHidden) {
  const Parsed p = read("user: u\npassword: hunter2: x\n");
  EXPECT_THAT(p.errors(), HasSubstr("f.yaml:2:"));
  EXPECT_THAT(p.errors(), Not(HasSubstr("hunter2")));
}

TEST(Diagnostics, LongLinesAreCutAroundTheCaretAndControlCharactersAreNotPrinted) {
  const Parsed p = read("a: " + std::string(500, 'x') + " b: c\n");
  EXPECT_LT(p.errors().size(), 400U);
  const Parsed q = read("\"a\\e[31m\": 1\n\"a\\e[31m\": 2\n");
  EXPECT_THAT(q.errors(), Not(HasSubstr("\x1b")));
  EXPECT_THAT(q.errors(), HasSubstr("is there twice"));
  const Parsed r = read("\"a\u202ec\u2066\u00e9\": 1\n\"a\u202ec\u2066\u00e9\": 2\n");
  EXPECT_THAT(r.errors(), HasSubstr("a?c?\u00e9")) << "what would turn the line around is not printed either";
}

TEST(Diagnostics, RenderAsJson) {
  const Parsed p = read("a: b: c\n");
  EXPECT_EQ(
      p.diagnostics.to_json(),
      R"([{"file":"f.yaml","line":1,"column":5,"path":"","severity":"error","message":"a ': ' where no key can stand: put the value in quotes, or correct the line's indentation"}])");
}

TEST(Diagnostics, KeepABoundedNumberAndCountTheRest) {
  Diagnostics diagnostics;
  for (int i = 0; i < 1000; ++i) diagnostics.error({"f", {i + 1, 1}, "p"}, "bad");
  EXPECT_EQ(diagnostics.error_count(), 1000U);
  EXPECT_EQ(diagnostics.sorted().size(), Diagnostics::kDiagnosticsMax);
  EXPECT_THAT(diagnostics.render(), HasSubstr("... and 800 more"));
  EXPECT_EQ(diagnostics.to_error().kind(), ErrorKind::invalid_argument);
}

}  // namespace
}  // namespace weir::config
