#pragma once

// For the tests that run over every store: a store by its name, which can be ended and begun again.

#include <cstdlib>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>

#include "store/memory_store.h"
#include "store/sqlite_store.h"
#include "store/test_support.h"

namespace store::testing {

class Backing {
 public:
  virtual ~Backing() = default;
  virtual Store& store() = 0;
  virtual void Reopen() = 0;
};

class MemoryBacking : public Backing {
 public:
  Store& store() override { return store_; }
  void Reopen() override {}

 private:
  MemoryStore store_{{.deployment = "demo", .incarnation = std::string(32, 'a')}};
};

class SqliteBacking : public Backing {
 public:
  SqliteBacking() { Reopen(); }
  Store& store() override { return *store_; }
  void Reopen() override {
    store_.reset();
    auto opened = OpenSqlite(
        {.path = dir_.File("signalbox.db"), .deployment = "demo", .reserve_bytes = 4096});
    if (!opened.has_value()) {
      ADD_FAILURE() << opened.error().message;
      std::abort();
    }
    store_ = std::move(*opened);
  }

 private:
  TempDir dir_{FastParent()};
  std::unique_ptr<Store> store_;
};

// "Memory" or "Sqlite".
inline std::unique_ptr<Backing> NewBacking(const std::string& kind) {
  if (kind == "Memory")
    return std::make_unique<MemoryBacking>();
  return std::make_unique<SqliteBacking>();
}

// The value of a call that must not fail.
template <typename T>
T Value(base::Result<T> result) {
  if (!result.has_value()) {
    ADD_FAILURE() << result.error().message;
    return T{};
  }
  return std::move(*result);
}

}  // namespace store::testing
