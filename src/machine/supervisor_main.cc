// `supervise FOLDER` alone, for tests that have no signalbox.

#include "machine/supervisor.h"

int main(int count, char** words) {
  return count == 3 ? machine::Supervise(words[2]) : 2;
}
