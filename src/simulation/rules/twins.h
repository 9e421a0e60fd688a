#pragma once

// Clusters that bear one launch's name because EMR executed one RunJobFlow twice: of those that a
// list shows side by side the oldest that has not failed is kept. Judged by the replies that
// reached the process: where one named the younger without the older, nobody could know better.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "driver/world.h"
#include "emulator/cluster.h"

namespace simulation {

class Twins {
 public:
  // EMR has made `younger` for a launch for which it had made `older`.
  void OnMade(const emulator::Cluster& older, const emulator::Cluster& younger);
  // The process is told this.
  void OnReply(const driver::Call& call, const driver::Reply& reply);
  // Each reply that named the cluster named an older one of its launch beside it.
  bool IsWrongToKeep(std::string_view cluster) const;

 private:
  struct Younger {
    std::vector<std::string> older;
    bool was_shown = false;
    bool was_shown_alone = false;
  };
  std::map<std::string, Younger, std::less<>> younger_;
};

}  // namespace simulation
