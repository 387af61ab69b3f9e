#pragma once
// The project's own files as the architecture tests see them: paths relative to the root, with their
// text. The working directory must be the root (CTest sets it). Build trees, installed packages and
// hidden folders other than .ci are not looked at.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace arch {

struct SourceFile {
    std::string path;  ///< from the root, with '/'
    std::string text;

    [[nodiscard]] std::vector<std::string_view> lines() const;
    [[nodiscard]] bool is_cpp() const { return path.ends_with(".cpp"); }
    [[nodiscard]] bool is_header() const { return path.ends_with(".hpp"); }
    [[nodiscard]] bool is_under(std::string_view folder) const;
    [[nodiscard]] std::string folder() const;
};

/// Every file of the tree, sorted by path. Throws when the working directory is not the root.
[[nodiscard]] const std::vector<SourceFile>& all_files();

/// The .cpp and .hpp among them.
[[nodiscard]] std::vector<const SourceFile*> cpp_files();

/// The text with comments and the insides of string literals blanked; lines keep their numbers.
[[nodiscard]] std::string code_only(std::string_view text);

[[nodiscard]] std::vector<std::string_view> split_lines(std::string_view text);
[[nodiscard]] std::vector<std::string> split_words(std::string_view text);

}  // namespace arch
