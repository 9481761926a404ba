#include "observe/redact.h"

#include <gtest/gtest.h>

namespace weir::observe {
namespace {

TEST(SecretKey, NamesOfSecretsInEverySpelling) {
  for (const char* key : {"password",
                          "sasl.password",
                          "ssl.key.password",
                          "PASSWORD",
                          "dbPassword",
                          "db-passwd",
                          "pwd",
                          "secret",
                          "clientSecret",
                          "aws_secret_access_key",
                          "AWS_SECRET_ACCESS_KEY",
                          "token",
                          "access_token",
                          "apiKey",
                          "api-key",
                          "x-api-key",
                          "apikey",
                          "authorization",
                          "Proxy-Authorization",
                          "Cookie",
                          "set-cookie",
                          "private_key",
                          "ssl_key",
                          "key",
                          "keys",
                          "credentials",
                          "passphrase",
                          "sasl.jaas.config",
                          "jwt",
                          "pin",
                          "bearer"}) {
    EXPECT_TRUE(is_secret_key(key)) << key;
  }
}

TEST(SecretKey, NamesOfMeasuresAndOfTableKeysAreHarmless) {
  for (const char* key :
       {"", "rows", "table", "token_count", "key_bytes", "password_length", "primary_key", "partition_keys",
        "key_group", "dedupe_key", "keyboard", "monkey", "passage", "spinner", "secret_version"}) {
    EXPECT_FALSE(is_secret_key(key)) << key;
  }
}

TEST(Redactor, LeavesOrdinaryTextAlone) {
  Redactor redactor;
  for (const char* text :
       {"", "landed 12 rows in ops.flights", "kafka.yaml:3:5: password: environment variable X is not set",
        "dedupe key=origin", "see https://weir.dev/docs?page=2", "postgres://weir@host/db", "a token of 12 bytes",
        "mailto:a@b.c://"}) {
    EXPECT_EQ(redactor.redact(text), text);
  }
}

TEST(Redactor, HidesAssignmentsInFreeText) {
  const Redactor redactor;
  EXPECT_EQ(redactor.redact("host=h password=hunter2 user=u"), "host=h password=*** user=u");
  EXPECT_EQ(redactor.redact("sasl.password = \"a b\\\"c\", x=1"), "sasl.password = ***, x=1");
  EXPECT_EQ(redactor.redact("{\"token\": \"abc\", \"n\": 1}"), "{\"token\": ***, \"n\": 1}");
  EXPECT_EQ(redactor.redact("{\\\"token\\\":\\\"abc\\\",\\\"n\\\":1}"), "{\\\"token\\\":***,\\\"n\\\":1}");
  EXPECT_EQ(redactor.redact("GET /x?access_token=abc&n=1"), "GET /x?access_token=***&n=1");
  EXPECT_EQ(redactor.redact("Login required username='u' password='p w';"),
            "Login required username='u' password=***;");
  EXPECT_EQ(redactor.redact("password=\"never closed"), "password=***");
  EXPECT_EQ(redactor.redact("password="), "password=");
}

TEST(Redactor, HidesCredentialsOfHeadersAndUrls) {
  const Redactor redactor;
  EXPECT_EQ(redactor.redact("Authorization: Basic dXNlcjpwYXNz\nHost: h"), "Authorization: ***\nHost: h");
  EXPECT_EQ(redactor.redact("authorization: abc def"), "authorization: *** def");
  EXPECT_EQ(redactor.redact("sent Bearer eyJhbGciOi.x.y, got 401"), "sent Bearer ***, got 401");
  EXPECT_EQ(redactor.redact("cannot open postgres://weir:p@ss@host:5432/db"),
            "cannot open postgres://weir:***@host:5432/db");
  EXPECT_EQ(redactor.redact("https://a:b@c/ and s3://d:e@f"), "https://a:***@c/ and s3://d:***@f");
}

TEST(Redactor, HidesRegisteredValuesInEveryForm) {
  Redactor redactor;
  redactor.register_secret("p@ss\"w\nd");
  EXPECT_EQ(redactor.redact("raw p@ss\"w\nd"), "raw ***");
  EXPECT_EQ(redactor.redact("url p%40ss%22w%0Ad"), "url ***");
  EXPECT_EQ(redactor.redact("json p@ss\\\"w\\nd"), "json ***");
}

TEST(Redactor, OverlappingSecretsLeaveNoRest) {
  Redactor redactor;
  redactor.register_secret("abcdef");
  redactor.register_secret("defghi");
  redactor.register_secret("abcd");
  EXPECT_EQ(redactor.redact("<abcdefghi>"), "<***>");
  EXPECT_EQ(redactor.redact("<abcdabcd>"), "<***>");
  redactor.register_secret("aaaa");
  EXPECT_EQ(redactor.redact("aaaaaaa"), "***");
}

TEST(Redactor, ShortValuesWouldBlotOutOrdinaryWords) {
  Redactor redactor;
  redactor.register_secret("a");
  redactor.register_secret("");
  EXPECT_EQ(redactor.redact("a cat"), "a cat");
}

TEST(Redactor, SurvivesAnyText) {
  Redactor redactor;
  redactor.register_secret("secret-value");
  const std::string alphabet = "password=\"':/@\\ Bearer{}&authorization?\xFF\n";
  uint64_t state = 1;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (int i = 0; i < 24; ++i) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      text.push_back(alphabet[(state >> 33) % alphabet.size()]);
      if ((state >> 50) % 16 == 0) text += "password";
      if ((state >> 54) % 32 == 0) text += "secret-value";
    }
    ASSERT_EQ(redactor.redact(text).find("secret-value"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace weir::observe
