#pragma once

// The files that the server and the commands share: where a project lies, and what a server leaves
// in its state folder (default PROJECT/.signalbox) so that other commands find it:
//
//   server.json   {"url", "pid"} while it runs, and "certificate" if it speaks TLS: its SHA-256
//   token         the bearer token, mode 0600; kept over restarts
//   database.json which database belongs to it (store/marker.h)
//
// Errors name the path and the fix.

#include <optional>
#include <string>
#include <sys/types.h>

#include "base/result.h"

namespace cli {

inline constexpr char kProjectFile[] = "signalbox.yaml";
inline constexpr char kStateFolder[] = ".signalbox";

// The nearest folder with a signalbox.yaml, from `start` (a folder or a file) upwards.
std::optional<std::string> FindProject(const std::string& start);
// The nearest folder that holds `.signalbox/server.json` or signalbox.yaml, as its state folder.
std::optional<std::string> FindStateFolder(const std::string& start);

struct ServerRecord {
  std::string url;
  pid_t pid = 0;
  std::string certificate = {};  // "": no TLS
};

base::Status WriteServerRecord(const std::string& state_dir, const ServerRecord& record);
// Nothing where there is none or it can't be read.
std::optional<ServerRecord> ReadServerRecord(const std::string& state_dir);
void RemoveServerRecord(const std::string& state_dir);

std::string TokenPath(const std::string& state_dir);
// "" where there is none or it can't be read.
std::string ReadToken(const std::string& state_dir);

// The folder and those above it.
base::Status MakeFolder(const std::string& path);
// MakeFolder, and for its owner alone: how it was. kPermission for a folder that all users share,
// as /tmp.
enum class Privacy { kPrivate, kMadePrivate, kOpen };  // kOpen: it is another user's
base::Result<Privacy> MakePrivateFolder(const std::string& path);
base::Result<std::string> ReadFile(const std::string& path);
// Whole or not at all: written beside it, then renamed.
base::Status WriteFile(const std::string& path, std::string_view text);

// "sqlite:///PATH" to PATH. As in Airflow a relative path has three slashes and an absolute one
// four; a relative one counts from `base`.
base::Result<std::string> SqlitePath(const std::string& url, const std::string& base);

}  // namespace cli
