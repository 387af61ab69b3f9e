#pragma once
// FileError: what is wrong with a file of users or rules, where, and what to write instead. A value: the
// start turns it into a refusal, a reload into a line of the log. Also the bounds that such files have.
// Threads: any.

#include <boost/system/result.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace holdfast::access {

/// A file of users or rules may have so many bytes, entries, and bytes in a line.
inline constexpr std::size_t file_bytes_max = 64 * 1024 * 1024;
inline constexpr std::size_t users_max = 1'000'000;
inline constexpr std::size_t rules_max = 100'000;

struct FileError {
    FileError() = default;
    FileError(std::string the_file, unsigned the_line, std::string the_problem,
              std::string the_remedy)
        : file(std::move(the_file)),
          line(the_line),
          problem(std::move(the_problem)),
          remedy(std::move(the_remedy)) {}

    std::string file;
    unsigned line = 0;  ///< from 1; 0: the file as a whole
    std::string problem;
    std::string remedy;
    /// One line: `users:3: the name is empty; write ...`.
    [[nodiscard]] std::string message() const {
        const std::string place = line == 0 ? file : file + ":" + std::to_string(line);
        return place + ": " + problem + "; " + remedy;
    }
};

template <class T>
using Loaded = boost::system::result<T, FileError>;

}  // namespace holdfast::access
