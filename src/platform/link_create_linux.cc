#include "platform/link_linux.h"

namespace halfword {

Result<std::unique_ptr<WorkerLink>> WorkerLink::create(const WorkerProgram& program) {
  return std::make_unique<LinuxLink>(program);
}

}  // namespace halfword
