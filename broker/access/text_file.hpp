#pragma once
// Files of users and rules as text: read whole, within their bound; written so that a reader, or a crash,
// finds the old text or the new one and never a part. Threads: any. Errors: FileError.

#include "access/file_error.hpp"

#include <string>
#include <string_view>

namespace holdfast::access {

[[nodiscard]] Loaded<std::string> read_text_file(const std::string& file);

/// By a file beside it that takes its name once it is on the disk. Mode 0600.
[[nodiscard]] Loaded<void> replace_text_file(const std::string& file, std::string_view text);

/// Calls visit(number, line) for each line, from 1, without its end (LF or CR LF), until it returns false.
template <class Visit>
void for_each_line(std::string_view text, Visit&& visit) {
    unsigned number = 0;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!visit(++number, line)) return;
    }
}

}  // namespace holdfast::access
