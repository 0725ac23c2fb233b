#include "platform/link_linux.h"
#include "platform/link_wine_linux.h"

namespace halfword {

Result<std::unique_ptr<WorkerLink>> WorkerLink::create(const WorkerProgram& program) {
  if (program.under_wine) return std::make_unique<WineLink>(program);
  return std::make_unique<LinuxLink>(program);
}

}  // namespace halfword
