// What the system's own loader says when this process asks it for a library.
#pragma once

#include <string>

namespace demo {

std::string load_natively(const std::string& file);

}  // namespace demo
