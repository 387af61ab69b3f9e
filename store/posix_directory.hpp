#pragma once
// PosixDirectory: a folder of the system's. The only file of the store with system calls is its .cpp.
// Threads and lifetime: as directory.hpp says.

#include "store/directory.hpp"

#include <memory>
#include <string>

namespace holdfast::store {

/// Makes the folder, readable by its owner only, if it is not there; its parent must be.
[[nodiscard]] IoResult<std::unique_ptr<Directory>> open_posix_directory(const std::string& path);

}  // namespace holdfast::store
