#include "board/board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace board {
namespace {

const std::vector<File> kFiles = {
    {.path = "/index.html", .type = "text/html", .tag = "\"i1\"", .plain = "<html>"},
    {.path = "/assets/a-1.js",
     .type = "text/javascript",
     .tag = "\"a1\"",
     .plain = "plain",
     .gzip = "gz",
     .brotli = "br"}};
const std::vector<File> kNone;

http::Request Ask(std::string target,
                  std::string accept = "text/html,*/*",
                  std::string method = "GET") {
  http::Request request{.method = std::move(method), .target = std::move(target)};
  request.headers.Set("Accept", std::move(accept));
  return request;
}

std::string Header(const http::Response& response, std::string_view name) {
  return response.headers.Get(name).value_or("");
}

TEST(Board, EveryScreensAddressIsTheSamePageForABrowser) {
  const Board board(kFiles);
  for (const char* path : {"/", "/today", "/dags/churn/runs/manual__1?state=failed", "/apis"}) {
    ASSERT_TRUE(board.Serves(Ask(path))) << path;
    EXPECT_EQ(board.Answer(Ask(path)).body, "<html>") << path;
  }
}

TEST(Board, LeavesTheApiItsPathsAndItsErrors) {
  const Board board(kFiles);
  for (const char* path :
       {"/api/v2/dags", "/api/v2/nothing", "/auth/login", "/metrics", "/assets/b-2.js"})
    EXPECT_FALSE(board.Serves(Ask(path))) << path;
  EXPECT_FALSE(board.Serves(Ask("/today", "application/json")));
  EXPECT_FALSE(board.Serves(Ask("/", "text/html", "POST")));
}

TEST(Board, NamesWithAHashAreKeptForAYearAndThePageIsAskedForEachTime) {
  const Board board(kFiles);
  EXPECT_EQ(Header(board.Answer(Ask("/assets/a-1.js", "*/*")), "Cache-Control"),
            "public, max-age=31536000, immutable");
  EXPECT_EQ(Header(board.Answer(Ask("/")), "Cache-Control"), "no-cache");
}

TEST(Board, WhatTheBrowserHasIsNotSentAgain) {
  const Board board(kFiles);
  http::Request request = Ask("/");
  request.headers.Set("If-None-Match", "W/\"x\", \"i1\"");
  const http::Response answer = board.Answer(request);
  EXPECT_EQ(answer.status, 304);
  EXPECT_EQ(answer.body, "");
  request.headers.Set("If-None-Match", "\"i2\"");
  EXPECT_EQ(board.Answer(request).status, 200);
}

TEST(Board, SendsWhatIsCompressedBestOfWhatTheClientTakes) {
  const Board board(kFiles);
  const auto encoding = [&](const std::string& takes) {
    http::Request request = Ask("/assets/a-1.js", "*/*");
    request.headers.Set("Accept-Encoding", takes);
    const http::Response answer = board.Answer(request);
    return Header(answer, "Content-Encoding") + "/" + answer.body;
  };
  EXPECT_EQ(encoding("gzip, deflate, br"), "br/br");
  EXPECT_EQ(encoding("gzip, br;q=0"), "gzip/gz");
  EXPECT_EQ(encoding("gzip;q=0.5"), "gzip/gz");
  EXPECT_EQ(encoding("identity"), "/plain");
}

TEST(Board, ABuildWithoutItSaysSo) {
  const Board board(kNone);
  ASSERT_TRUE(board.Serves(Ask("/")));
  const http::Response answer = board.Answer(Ask("/"));
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.body, testing::HasSubstr("has no board"));
}

}  // namespace
}  // namespace board
