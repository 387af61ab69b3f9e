#pragma once
// Changes of a file of users, from its text to its new text: what `holdfast user` does. Comments and the
// order of lines stay. Errors: FileError; the text is not judged beyond the lines that matter.

#include "access/file_error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::access {

enum class UserChange : std::uint8_t {
    add,     ///< there is no such user yet
    passwd,  ///< there is one, and it gets another password
    remove,
};

/// `file` is for messages; `proofs`, what follows the name, is not looked at when the user is removed.
[[nodiscard]] Loaded<std::string> change_user(std::string_view text, const std::string& file,
                                              UserChange change, std::string_view name,
                                              std::string_view proofs);

}  // namespace holdfast::access
