#include "dagfile/schedule_reader.h"

#include <array>
#include <utility>

#include "base/text.h"
#include "dagfile/policy.h"
#include "schedule/timetable.h"

namespace dagfile {

using base::Cat;

namespace {

constexpr int64_t kMostCatchup = 1000;
constexpr base::Duration kShortestInterval = base::minutes(1);
constexpr base::Duration kLongestJitter = base::hours(24);
// From where a schedule with a filter is searched, if there is no start_date.
const base::Time kFrom = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

class ScheduleReader {
 public:
  ScheduleReader(yaml::MapReader& reader,
                 yaml::Diagnostics* errors,
                 const ZoneLookup& zones,
                 const Calendars& calendars,
                 std::vector<NamedAsset>* assets,
                 model::Dag* dag)
      : reader_(reader),
        errors_(errors),
        zones_(zones),
        calendars_(calendars),
        assets_(*assets),
        dag_(*dag) {}

  bool Run() {
    dag_.max_active_runs =
        static_cast<int>(ReadCount(reader_, "max_active_runs", 1).value_or(dag_.max_active_runs));
    ReadZone();
    dag_.start_date = ReadDate("start_date");
    dag_.end_date = ReadDate("end_date");
    if (dag_.start_date && dag_.end_date && *dag_.end_date < *dag_.start_date)
      reader_.Error("end_date", "'end_date' is before 'start_date'");
    if (const yaml::Node* node = reader_.Take("catchup"))
      ReadCatchup(*node);
    ReadJitter();
    const Blackouts closed = ReadFilter(reader_, errors_, *zone_, calendars_);
    const yaml::Node* node = reader_.Take("schedule");
    if (node == nullptr || node->kind() == yaml::Kind::kNull) {
      RefuseWithoutTicks("needs a 'schedule'");
      return !closed.is_broken;
    }
    ReadForm(*node);
    if (dag_.schedule.cron == schedule::kContinuous) {
      RefuseWithoutTicks("is about ticks, and '@continuous' has none");
      return !closed.is_broken;
    }
    if (dag_.schedule.cron.empty() && dag_.assets) {
      RefuseWithoutTicks("is about ticks, and a schedule of assets alone has none");
      RefuseCatchup();
      return !closed.is_broken;
    }
    if (!dag_.schedule.cron.empty())
      dag_.schedule.cron += schedule::FilterText(closed.filter);
    if (!closed.is_broken)
      CheckThatItFires(*node);
    return !closed.is_broken;
  }

 private:
  void ReadZone();
  std::optional<base::Time> ReadDate(std::string_view key);
  std::optional<base::Time> ParseDate(const yaml::Node& node, std::string_view key);
  void ReadCatchup(const yaml::Node& node);
  void ReadCatchupWord(const yaml::Node& node);
  void NeedStart(const yaml::Node& at, std::string_view what);
  void ReadForm(const yaml::Node& node);
  void ReadMap(const yaml::Node& node);
  void ReadTimetable(yaml::MapReader& map);
  void ReadCrons(const yaml::Node& node);
  std::optional<std::string> ReadCron(const yaml::Node& node);
  void ReadJitter();
  void RefuseWithoutTicks(std::string_view why);
  void RefuseCatchup();
  void ReadAssets(yaml::MapReader& map);
  void ReadOnce(const yaml::Node& node);
  void ReadContinuous(const yaml::Node& node);
  void ReadInterval(yaml::MapReader& map);
  void ReadDates(yaml::MapReader& map);
  void CheckThatItFires(const yaml::Node& node);

  yaml::MapReader& reader_;
  yaml::Diagnostics* errors_;
  const ZoneLookup& zones_;
  const Calendars& calendars_;
  std::vector<NamedAsset>& assets_;
  model::Dag& dag_;
  std::shared_ptr<const schedule::TimeZone> zone_ =
      std::make_shared<const schedule::TimeZone>(schedule::TimeZone::Utc());
};

void ScheduleReader::ReadZone() {
  const auto name = reader_.Optional<std::string>("timezone");
  if (!name)
    return;
  dag_.timezone = *name;
  auto zone = schedule::IsSafeZoneName(*name) ? zones_(*name) : nullptr;
  if (zone != nullptr)
    zone_ = std::move(zone);
  else
    reader_.Error("timezone",
                  Cat("'", *name, "' is not an IANA time zone such as Europe/Istanbul"));
}

std::optional<base::Time> ScheduleReader::ReadDate(std::string_view key) {
  const auto node = reader_.Optional<yaml::Node>(key);
  return node ? ParseDate(*node, key) : std::nullopt;
}

std::optional<base::Time> ScheduleReader::ParseDate(const yaml::Node& node, std::string_view key) {
  const auto text = yaml::Read<std::string>(node, Cat("'", key, "'"), errors_);
  if (!text)
    return std::nullopt;
  const auto time = zone_->ParseTime(*text);
  if (time)
    return *time;
  errors_->Add(node.mark(), Cat("'", key, "': ", time.error().message));
  return std::nullopt;
}

void ScheduleReader::ReadCatchup(const yaml::Node& node) {
  if (node.is_map()) {
    yaml::MapReader map(node, "'catchup'", errors_);
    const auto most = map.Required<int64_t>("max");
    if (most && (*most < 1 || *most > kMostCatchup))
      map.Error("max", Cat("'max' must be from 1 to ", kMostCatchup, ", found ", *most));
    else if (most)
      dag_.catchup_max = static_cast<int>(*most);
    map.Finish();
    dag_.catchup = true;
  } else if (node.is_string()) {
    ReadCatchupWord(node);
  } else {
    dag_.catchup = yaml::Read<bool>(node, "'catchup'", errors_).value_or(false);
  }
  if (dag_.catchup)
    NeedStart(node,
              Cat("'catchup", node.is_map() ? "" : ": ", node.is_map() ? "" : node.raw(), "'"));
}

void ScheduleReader::ReadCatchupWord(const yaml::Node& node) {
  const std::string word(node.raw());
  dag_.catchup = word == "all" || word == "latest";
  if (word == "latest")
    dag_.catchup_max = 1;
  if (dag_.catchup)
    return;
  std::string message =
      Cat("'catchup': expected false, latest, all, true or {max: N}, found '", word, "'");
  if (const auto meant = base::DidYouMean(word, {"latest", "all", "true", "false"}))
    message += Cat("; did you mean '", *meant, "'?");
  errors_->Add(node.mark(), std::move(message));
}

void ScheduleReader::NeedStart(const yaml::Node& at, std::string_view what) {
  if (reader_.Take("start_date") == nullptr)
    errors_->Add(at.mark(), Cat(what, " needs a 'start_date' to begin with"));
}

void ScheduleReader::ReadForm(const yaml::Node& node) {
  if (node.is_map())
    ReadMap(node);
  else if (node.is_string() && base::ToLower(node.raw()) == "@once")
    ReadOnce(node);
  else if (node.is_string() && base::ToLower(node.raw()) == "@continuous")
    ReadContinuous(node);
  else
    ReadCrons(node);
}

// Exactly one of the forms.
void ScheduleReader::ReadMap(const yaml::Node& node) {
  yaml::MapReader map(node, "'schedule'", errors_);
  constexpr std::array<std::string_view, 3> kForms = {"cron", "interval", "dates"};
  std::string_view form;
  for (const std::string_view key : kForms) {
    if (map.Take(key) == nullptr)
      continue;
    if (!form.empty())
      map.Error(
          key, Cat("'", key, "' stands beside '", form, "': give one of cron, interval and dates"));
    else
      form = key;
  }
  if (form == "interval")
    ReadInterval(map);
  else if (form == "dates")
    ReadDates(map);
  else if (const auto cron = map.Optional<yaml::Node>("cron"))
    ReadCrons(*cron);
  ReadAssets(map);
  if (form.empty() && map.Take("assets") == nullptr)
    errors_->Add(node.mark(), "'schedule' needs one of the keys cron, interval, dates and assets");
  ReadTimetable(map);
  if (form.empty() && map.Take("assets") != nullptr && map.Take("timetable") != nullptr)
    map.Error("timetable", "'timetable' is about ticks, and a schedule of assets alone has none");
  map.Finish();
}

// Beside ticks: the DAG follows both.
void ScheduleReader::ReadAssets(yaml::MapReader& map) {
  if (const auto assets = map.Optional<yaml::Node>("assets"))
    dag_.assets = ReadCondition(*assets, assets_, errors_);
}

void ScheduleReader::RefuseCatchup() {
  if (reader_.Take("catchup") != nullptr && dag_.catchup)
    reader_.Error("catchup", "'catchup' is about ticks, and a schedule of assets alone has none");
}

void ScheduleReader::ReadTimetable(yaml::MapReader& map) {
  const auto timetable = map.Optional<std::string>("timetable");
  if (!timetable)
    return;
  if (*timetable != "data_interval" && *timetable != "trigger")
    map.Error("timetable",
              Cat("'timetable': expected trigger or data_interval, found '", *timetable, "'"));
  else if (*timetable == "data_interval" && map.Take("dates") != nullptr)
    map.Error("timetable",
              "'timetable: data_interval' is for 'cron' and 'interval', not for 'dates'");
  else if (*timetable == "data_interval")
    dag_.schedule.timetable = model::Timetable::kDataInterval;
}

void ScheduleReader::ReadCrons(const yaml::Node& node) {
  std::vector<std::string> crons;
  if (node.kind() != yaml::Kind::kSequence) {
    if (auto cron = ReadCron(node))
      crons.push_back(std::move(*cron));
  } else {
    if (node.items().empty())
      errors_->Add(node.mark(), "'schedule' is an empty list; give at least one cron expression");
    for (const yaml::Node& item : node.items()) {
      if (auto cron = ReadCron(item))
        crons.push_back(std::move(*cron));
    }
  }
  dag_.schedule.cron = schedule::CronsText(crons);
}

std::optional<std::string> ScheduleReader::ReadCron(const yaml::Node& node) {
  if (!node.is_string()) {
    errors_->Add(
        node.mark(),
        Cat("'schedule': expected a cron expression such as \"0 2 * * 1\", a preset such as "
            "\"@daily\", or null, found ",
            yaml::Describe(node.kind())));
    return std::nullopt;
  }
  if (auto cron = schedule::ParseCron(node.raw()); !cron)
    errors_->Add(node.mark(), Cat("'schedule': ", cron.error().message));
  return std::string(node.raw());
}

// One tick, at start_date; it fires though it has passed, as Airflow's does.
void ScheduleReader::ReadOnce(const yaml::Node& node) {
  if (reader_.Take("catchup") != nullptr)
    reader_.Error("catchup", "'catchup' says nothing about '@once': it always runs its one time");
  NeedStart(node, "'@once'");
  if (!dag_.start_date)
    return;
  dag_.catchup = true;
  dag_.catchup_max = std::nullopt;
  dag_.schedule.cron = schedule::OnceText(*dag_.start_date);
}

// A run begins once the one before has ended.
void ScheduleReader::ReadContinuous(const yaml::Node& node) {
  if (reader_.Take("catchup") != nullptr)
    reader_.Error("catchup", "'catchup' says nothing about '@continuous': there are no ticks");
  if (reader_.Take("max_active_runs") == nullptr)
    dag_.max_active_runs = 1;
  else if (dag_.max_active_runs != 1)
    reader_.Error("max_active_runs",
                  Cat("'max_active_runs' of a DAG that is '@continuous' must be 1, found ",
                      dag_.max_active_runs));
  NeedStart(node, "'@continuous'");
  dag_.schedule.cron = schedule::kContinuous;
}

void ScheduleReader::ReadJitter() {
  const auto jitter = reader_.Optional<base::Duration>("start_jitter");
  if (!jitter)
    return;
  if (*jitter > base::Duration(0) && *jitter <= kLongestJitter)
    dag_.start_jitter = *jitter;
  else
    reader_.Error("start_jitter",
                  Cat("'start_jitter' must be more than 0s and at most ",
                      base::FormatDuration(kLongestJitter)));
}

void ScheduleReader::RefuseWithoutTicks(std::string_view why) {
  for (const std::string_view key : {"calendar", "blackout", "start_jitter"}) {
    if (reader_.Take(key) != nullptr)
      reader_.Error(key, Cat("'", key, "' ", why));
  }
}

void ScheduleReader::ReadInterval(yaml::MapReader& map) {
  const auto node = map.Optional<yaml::Node>("interval");
  const auto period = map.Optional<base::Duration>("interval");
  if (!node || !period)
    return;
  if (*period < kShortestInterval)
    map.Error("interval",
              Cat("'interval' must be at least ", base::FormatDuration(kShortestInterval)));
  NeedStart(*node, "'interval'");
  if (dag_.start_date)
    dag_.schedule.cron = schedule::EveryText({*period, *dag_.start_date});
}

void ScheduleReader::ReadDates(yaml::MapReader& map) {
  const auto nodes = map.Optional<std::vector<yaml::Node>>("dates");
  if (!nodes)
    return;
  if (nodes->empty())
    map.Error("dates", "'dates' is empty; give at least one date");
  std::vector<base::Time> dates;
  for (const yaml::Node& node : *nodes) {
    if (const auto date = ParseDate(node, "dates"))
      dates.push_back(*date);
  }
  if (!dates.empty())
    dag_.schedule.cron = schedule::DatesText(std::move(dates));
}

void ScheduleReader::CheckThatItFires(const yaml::Node& node) {
  auto rule = schedule::ParseRule(dag_.schedule.cron);
  if (!rule || (dag_.start_date && dag_.end_date && *dag_.end_date < *dag_.start_date))
    return;  // it has been told
  const bool is_filtered = !rule->filter.IsEmpty();
  // The same answer at any time that the project is read.
  const base::Time from =
      is_filtered ? dag_.start_date.value_or(kFrom) - base::Duration(1) : base::Time::min();
  const schedule::Timetable timetable(std::move(*rule), zone_, dag_.schedule.timetable);
  if (timetable.NextIn({dag_.start_date, dag_.end_date}, from))
    return;
  errors_->Add(node.mark(),
               is_filtered
                   ? Cat("'schedule' never fires: 'calendar' and 'blackout' leave no tick within "
                         "ten years of ",
                         base::FormatRfc3339(from + base::Duration(1)),
                         dag_.end_date ? " that is not after 'end_date'" : "")
                   : "'schedule' never fires: it has no tick from 'start_date' to 'end_date'");
}

}  // namespace

bool ReadSchedule(yaml::MapReader& reader,
                  yaml::Diagnostics* errors,
                  const ZoneLookup& zones,
                  const Calendars& calendars,
                  std::vector<NamedAsset>* assets,
                  model::Dag* dag) {
  return ScheduleReader(reader, errors, zones, calendars, assets, dag).Run();
}

}  // namespace dagfile
