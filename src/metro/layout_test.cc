// What holds for each layout, on drawn estates and on hostile ones.

#include "metro/layout.h"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "base/hash.h"
#include "base/json_text.h"
#include "metro/canvas.h"
#include "metro/grow.h"
#include "metro/layout_json.h"
#include "metro/svg.h"
#include "metro/test_estates.h"
#include "metro/text_width.h"

namespace metro {
namespace {

using testing::AllStations;
using testing::DrawEstate;
using testing::HubEstate;
using testing::LabelOverlaps;
using testing::Moved;
using testing::WithOneMore;

Measures MeasuresOf(const Estate& estate, const Layout& layout) {
  return testing::MeasuresOf(estate, testing::WaysOf(layout));
}

std::string TextOf(const Layout& layout) {
  return base::Serialize(ToJson(layout));
}

// Everything inside, whole cells, edges from station to station and past no other.
void ExpectSound(const Estate& estate, const Layout& layout) {
  std::map<std::string, Point> at;
  std::set<Cell> places;
  for (const Station& station : AllStations(layout)) {
    at[station.id] = station.at;
    EXPECT_TRUE(places.insert(ToCell(station.at)).second) << station.id;
    EXPECT_EQ(station.at.x, std::floor(station.at.x));
    EXPECT_EQ(station.at.y, std::floor(station.at.y));
    EXPECT_TRUE(station.at.x > 0 && station.at.x < layout.width && station.at.y > 0 &&
                station.at.y < layout.height);
  }
  std::map<std::string, const Link*> links;
  for (const Link& link : estate.links)
    links[link.id] = &link;
  for (const Route& route : layout.routes) {
    const Link& link = *links.at(route.id);
    ASSERT_GE(route.points.size(), 2U) << route.id;
    if (at.contains(link.from))
      EXPECT_EQ(route.points.front(), at.at(link.from)) << route.id;
    if (at.contains(link.to))
      EXPECT_EQ(route.points.back(), at.at(link.to)) << route.id;
    for (const Point& point : route.points)
      EXPECT_TRUE(point.x >= 0 && point.x <= layout.width && point.y >= 0 &&
                  point.y <= layout.height)
          << route.id;
    for (size_t i = 1; i < route.points.size(); ++i) {
      const Cell from = ToCell(route.points[i - 1]), to = ToCell(route.points[i]);
      for (Cell cell = from; cell != to; cell = Step(cell, DirectionOf(from, to)))
        EXPECT_TRUE(cell == ToCell(route.points[0]) || !places.contains(cell))
            << route.id << " passes a station";
    }
  }
  EXPECT_EQ(MeasuresOf(estate, layout).slanted, 0);
}

TEST(Layout, OfDrawnEstatesIsOctilinearAndItsLabelsAreFree) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    const Estate estate = DrawEstate(20 + 15 * static_cast<int>(seed), seed);
    const Layout layout = LayOut(estate);
    SCOPED_TRACE(seed);
    ExpectSound(estate, layout);
    EXPECT_EQ(LabelOverlaps(layout), 0);
    EXPECT_EQ(MeasuresOf(estate, layout).overlaps, 0);
    size_t stops = 0;
    for (const Line& line : estate.lines)
      stops += line.stops.size();
    EXPECT_EQ(layout.stations.size(), stops);
    EXPECT_EQ(layout.routes.size(), estate.links.size());
  }
}

TEST(Layout, ReadsFromLeftToRight) {
  const Estate estate = DrawEstate(150, 7);
  const Layout layout = LayOut(estate);
  for (const Route& route : layout.routes)
    EXPECT_LT(route.points.front().x, route.points.back().x) << route.id;
}

TEST(Layout, SaysWhichEdgesOthersImply) {
  const Estate estate{
      .lines = {{"dag:a", "a", {{"1", "one", 1}, {"2", "two", 1}, {"3", "three", 1}}}},
      .assets = {},
      .links = {{"12", "1", "2", LinkKind::kLine},
                {"23", "2", "3", LinkKind::kLine},
                {"13", "1", "3", LinkKind::kLine}}};
  for (const Route& route : LayOut(estate).routes)
    EXPECT_EQ(route.is_implied, route.id == "13") << route.id;
}

// Most edges of a line are drawn without a bend.
// A job without lanes behind one with four: all four tracks end at its sign.
TEST(Layout, NamesStandClearOfTheTracksThatEndAtTheirStation) {
  const Estate estate{.lines = {{"a", "a", {{"a/x", "x", 4}, {"a/y", "y", 1}}}},
                      .assets = {},
                      .links = {{"a/x>a/y", "a/x", "a/y", LinkKind::kLine}}};
  const Layout layout = LayOut(estate);
  ASSERT_EQ(layout.stations.size(), 2U);
  EXPECT_EQ(layout.stations[1].tracks, 1);
  EXPECT_EQ(layout.stations[1].span, 4);
  EXPECT_EQ(layout.stations[1].label.at.y, layout.stations[0].label.at.y);
}

TEST(Layout, LinesRunStraight) {
  const Layout layout = LayOut(DrawEstate(150, 7));
  const auto is_line = [](const Route& route) { return route.kind == LinkKind::kLine; };
  const auto lines = std::ranges::count_if(layout.routes, is_line);
  const auto straight = std::ranges::count_if(layout.routes, [&](const Route& route) {
    return is_line(route) && route.points.size() == 2;
  });
  EXPECT_GT(straight * 4, lines * 3);
}

// They can be drawn so; one start of the search for an order does not find that for all of them.
TEST(Layout, SmallEstatesCrossNothingIfNothingHasTo) {
  for (const uint64_t seed : {1, 2, 3, 5, 6, 7, 9}) {
    const Estate estate = DrawEstate(50, seed);
    EXPECT_EQ(MeasuresOf(estate, LayOut(estate)).crossings, 0) << seed;
  }
}

TEST(Layout, IsTheSameWhateverTheOrderOfTheInput) {
  Estate estate = DrawEstate(120, 3);
  const std::string before = TextOf(LayOut(estate));
  std::ranges::reverse(estate.lines);
  std::ranges::reverse(estate.links);
  EXPECT_EQ(TextOf(LayOut(estate)), before);
}

// All compilers agree: both builds of the pure modules have this number.
TEST(Layout, IsTheSameUnderEachCompiler) {
  EXPECT_EQ(base::Sha256Hex(TextOf(LayOut(DrawEstate(200, 5)))).substr(0, 16), "c217cc31d53c169d");
}

TEST(Version, SaysWhatTheLayoutReads) {
  const Estate estate = DrawEstate(30, 1);
  const std::string version = VersionOf(estate);
  Estate other = estate;
  std::ranges::reverse(other.lines);
  EXPECT_EQ(VersionOf(other), version);
  other.lines[0].stops[0].tracks += 1;
  EXPECT_NE(VersionOf(other), version);
  other = estate;
  other.lines[0].label += "new";
  EXPECT_NE(VersionOf(other), version);
  other = estate;
  other.links.pop_back();
  EXPECT_NE(VersionOf(other), version);
}

TEST(Stability, WithOneMoreLineTheOthersStayWhereTheyAre) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    const Estate estate = DrawEstate(120, seed);
    const Layout before = LayOut(estate);
    const Estate grown = WithOneMore(estate, seed + 100);
    const Layout after = LayOut(grown, &before);
    EXPECT_LE(Moved(before, after), 0.05);
    ExpectSound(grown, after);
    EXPECT_EQ(LabelOverlaps(after), 0);
    EXPECT_EQ(MeasuresOf(grown, after).overlaps, 0);
  }
}

TEST(Stability, EdgesThatNothingNewStandsOnKeepTheirWay) {
  const Estate estate = DrawEstate(120, 2);
  const Layout before = LayOut(estate);
  const Layout after = LayOut(WithOneMore(estate, 9), &before);
  std::map<std::string, std::vector<Point>> ways;
  for (const Route& route : after.routes)
    ways[route.id] = route.points;
  int kept = 0;
  for (const Route& route : before.routes)
    kept += ways.at(route.id) == route.points;
  EXPECT_GT(kept * 20, std::ssize(before.routes) * 19);
}

TEST(Stability, AnUnchangedEstateKeepsItsPicture) {
  const Estate estate = DrawEstate(80, 4);
  Layout before = LayOut(estate);
  before.stations[0].at.x += 1;  // as an earlier version of this program may have drawn it
  EXPECT_EQ(TextOf(LayOut(estate, &before)), TextOf(before));
}

// As after a restart: only the text of the picture is left.
TEST(Stability, APictureIsContinuedFromItsText) {
  const Estate estate = DrawEstate(120, 4);
  const Layout before = LayOut(DrawEstate(110, 4));
  const auto read = FormerFromJson(ToJson(before));
  ASSERT_TRUE(read);
  EXPECT_EQ(TextOf(LayOut(estate, &*read)), TextOf(LayOut(estate, &before)));
  const Layout same = LayOut(estate, &before);
  const auto read_again = FormerFromJson(ToJson(same));
  ASSERT_TRUE(read_again);
  EXPECT_EQ(TextOf(LayOut(estate, &*read_again)), TextOf(same));
  EXPECT_FALSE(FormerFromJson(json::object{{"stations", 1}}));
  EXPECT_FALSE(FormerFromJson(nullptr));
}

// A file that another program wrote must not keep a thread busy, or take all memory.
TEST(Stability, APictureThatIsNoneIsNotContinued) {
  const json::object good = ToJson(LayOut(DrawEstate(20, 1)));
  ASSERT_TRUE(FormerFromJson(good));
  const auto with_x = [&](json::value x) {
    json::object bad = good;
    bad.at("stations").at(0).as_object()["x"] = std::move(x);
    return FormerFromJson(bad);
  };
  EXPECT_FALSE(with_x(-1));
  EXPECT_FALSE(with_x(1.5));
  EXPECT_FALSE(with_x(9'999'999));
  json::object bad = good;
  bad.at("edges").at(0).as_object()["points"] = json::array{{1, 1}, {5, 3}};
  EXPECT_FALSE(FormerFromJson(bad));
}

// The map gets smaller, and what ran at its lower end has no place any more.
TEST(Stability, TheLowestLinesMayGo) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    Estate estate = DrawEstate(120, seed);
    const Layout before = LayOut(estate);
    std::map<std::string, double> lowest;
    for (const Station& station : before.stations)
      lowest[station.line] = std::max(lowest[station.line], station.at.y);
    std::erase_if(estate.lines,
                  [&](const Line& line) { return lowest[line.id] > before.height * 0.75; });
    ExpectSound(estate, LayOut(estate, &before));
  }
}

TEST(Stability, WhatIsGoneLeavesTheOthersInPlace) {
  const Estate estate = DrawEstate(120, 6);
  const Layout before = LayOut(estate);
  Estate less = estate;
  less.lines.erase(less.lines.begin() + 4);
  const Layout after = LayOut(less, &before);
  EXPECT_EQ(Moved(before, after), 0);
  ExpectSound(less, after);
}

// A line that gets a stop is drawn again near where it was; the others stay.
TEST(Stability, ALineWithANewStopMovesAlone) {
  Estate estate = DrawEstate(120, 6);
  const Layout before = LayOut(estate);
  Line& line = estate.lines[3];
  line.stops.push_back({line.id + "/new", "new", 1});
  estate.links.push_back(
      {"new", line.stops[line.stops.size() - 2].id, line.stops.back().id, LinkKind::kLine});
  const Layout after = LayOut(estate, &before);
  std::map<std::string, Point> was;
  for (const Station& station : before.stations)
    was[station.id] = station.at;
  for (const Station& station : after.stations) {
    if (station.line != line.id && was.contains(station.id))
      EXPECT_EQ(station.at, was.at(station.id)) << station.id;
  }
  ExpectSound(estate, after);
  EXPECT_EQ(LabelOverlaps(after), 0);
}

TEST(Stability, AnotherEstateIsLaidOutFromNothing) {
  const Layout former = LayOut(DrawEstate(60, 1));
  Estate other = DrawEstate(60, 2);
  for (Line& line : other.lines) {
    for (Stop& stop : line.stops)
      stop.id = "x" + stop.id;
  }
  for (Link& link : other.links)
    link = {"x" + link.id, "x" + link.from, "x" + link.to, link.kind};
  EXPECT_EQ(TextOf(LayOut(other, &former)), TextOf(LayOut(other)));
}

TEST(Hostile, EmptyEstatesAndLonelyJobs) {
  EXPECT_TRUE(LayOut({}).stations.empty());
  EXPECT_EQ(LayOut({.lines = {{"dag:a", "a", {}}}, .assets = {}, .links = {}}).lines.size(), 1U);
  const Estate one{.lines = {{"dag:a", "a", {{"job:a/b", "b", 1}}}}, .assets = {}, .links = {}};
  const Layout layout = LayOut(one);
  ExpectSound(one, layout);
  EXPECT_EQ(LabelOverlaps(layout), 0);
  EXPECT_EQ(TextOf(LayOut(one, &layout)), TextOf(layout));
}

// Lines whose runs wait for each other's earlier runs, triggers of lines, an asset between them.
TEST(Hostile, CirclesBetweenLines) {
  Estate estate;
  for (const char* name : {"a", "b", "c"}) {
    const std::string id = name;
    estate.lines.push_back(
        {"dag:" + id, id, {{"job:" + id + "/one", "one", 1}, {"job:" + id + "/two", "two", 2}}});
    estate.links.push_back({id, "job:" + id + "/one", "job:" + id + "/two", LinkKind::kLine});
  }
  estate.links.push_back({"ab", "job:a/two", "job:b/one", LinkKind::kTransfer});
  estate.links.push_back({"bc", "job:b/two", "job:c/one", LinkKind::kTransfer});
  estate.links.push_back({"ca", "job:c/two", "job:a/one", LinkKind::kTransfer});
  estate.links.push_back({"self", "job:a/two", "dag:a", LinkKind::kTransfer});
  estate.links.push_back({"nowhere", "job:a/two", "job:none/none", LinkKind::kTransfer});
  estate.assets.push_back({"asset:x", "x", 1});
  estate.links.push_back({"ax", "job:a/two", "asset:x", LinkKind::kAsset});
  estate.links.push_back({"xa", "asset:x", "dag:a", LinkKind::kAsset});
  const Layout layout = LayOut(estate);
  ExpectSound(estate, layout);
  EXPECT_EQ(LabelOverlaps(layout), 0);
  EXPECT_EQ(layout.routes.size(), estate.links.size() - 1);
  EXPECT_EQ(layout.assets.size(), 1U);
}

TEST(Hostile, LongNamesAndAnyBytes) {
  Estate estate;
  const std::string names[] = {std::string(250, 'W'),
                               "\u6771\u4eac\u5730\u4e0b\u9244",
                               "\xff\xfe\x01\n",
                               "",
                               "\u202eabc",
                               "\U0001f687\U0001f689",
                               "<&\">"};
  for (size_t i = 0; i < std::size(names); ++i) {
    const std::string id = base::Cat("dag:", i);
    estate.lines.push_back({id, names[i], {{id + "/a", names[i], 1}, {id + "/b", names[i], 3}}});
    estate.links.push_back({id, id + "/a", id + "/b", LinkKind::kLine});
  }
  const Layout layout = LayOut(estate);
  ExpectSound(estate, layout);
  EXPECT_EQ(LabelOverlaps(layout), 0);
  for (const Station& station : layout.stations)
    EXPECT_LE(TextWidth(station.label.text) * kFontSize, kLabelMost + 0.01);
  EXPECT_THAT(ToSvg(layout), ::testing::HasSubstr("&lt;&amp;&quot;>"));
}

// The work is bounded: these end within the time that ctest gives a test program.
TEST(Hostile, ManyJobs) {
  for (const bool is_chain : {true, false}) {
    Estate estate;
    Line line{"dag:a", "a", {}};
    for (int i = 0; i < 10'000; ++i) {
      line.stops.push_back({base::Cat("job:a/", i), base::Cat(i), 1});
      if (is_chain && i > 0)
        estate.links.push_back({base::Cat(i),
                                line.stops[static_cast<size_t>(i) - 1].id,
                                line.stops.back().id,
                                LinkKind::kLine});
    }
    estate.lines.push_back(std::move(line));
    const Layout layout = LayOut(estate);
    EXPECT_EQ(layout.stations.size(), 10'000U);
    EXPECT_EQ(layout.routes.size(), estate.links.size());
  }
}

TEST(Hostile, ManyLinesWithALongReach) {
  Estate estate = DrawEstate(1000, 1);
  const std::string last = estate.lines.back().stops.back().id;
  for (const Line& line : estate.lines) {
    const std::string id = line.stops[0].id;
    if (id != estate.lines.back().stops[0].id)
      estate.links.push_back({id + ">" + last, id, last, LinkKind::kTransfer});
  }
  const Layout layout = LayOut(estate);
  ExpectSound(estate, layout);
}

TEST(Hub, OfFortyTransfersHasNoOverlaps) {
  const Estate estate = HubEstate(40);
  const Layout layout = LayOut(estate);
  ExpectSound(estate, layout);
  EXPECT_EQ(LabelOverlaps(layout), 0);
  EXPECT_EQ(MeasuresOf(estate, layout).overlaps, 0);
}

TEST(Measure, CountsWhatIsDrawn) {
  const std::vector<Polyline> cross{{0, 1, {{0, 0}, {4, 4}}}, {2, 3, {{0, 4}, {4, 0}}}};
  EXPECT_EQ(Measure(cross).crossings, 1);
  EXPECT_EQ(Measure(cross).bends, 0);
  // Through a corner of the other: once.
  const std::vector<Polyline> corner{{0, 1, {{0, 0}, {2, 0}, {4, 2}}}, {2, 3, {{2, -2}, {2, 2}}}};
  EXPECT_EQ(Measure(corner).crossings, 1);
  EXPECT_EQ(Measure(corner).bends, 1);
  // Edges of one station run together and part.
  const std::vector<Polyline> trunk{{0, 1, {{0, 0}, {9, 0}}},
                                    {0, 2, {{0, 0}, {4, 0}, {4, 5}}},
                                    {3, 1, {{0, 4}, {5, 4}, {5, 0}, {9, 0}}}};
  EXPECT_EQ(Measure(trunk).crossings, 1);
  EXPECT_EQ(Measure(trunk).overlaps, 0);
  const std::vector<Polyline> over{{0, 1, {{0, 0}, {9, 0}}}, {2, 3, {{2, 0}, {5, 0}, {6, 1}}}};
  EXPECT_EQ(Measure(over).overlaps, 1);
  EXPECT_EQ(Measure({{0, 1, {{0, 0}, {3, 1}}}}).slanted, 1);
}

TEST(TextWidth, IsThatOfTheFont) {
  EXPECT_NEAR(TextWidth("labeling"), 0.252 * 3 + 0.568 + 0.618 + 0.587 + 0.602 + 0.620, 0.02);
  EXPECT_GT(TextWidth("\u6771"), 0.9);
  EXPECT_EQ(CutToWidth("abc", 10), "abc");
  EXPECT_LE(TextWidth(CutToWidth(std::string(100, 'm'), 5)), 5);
  EXPECT_TRUE(CutToWidth(std::string(100, 'm'), 5).ends_with("\u2026"));
}

}  // namespace
}  // namespace metro
