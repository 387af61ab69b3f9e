#include "arch/source_tree.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace arch {
namespace {

namespace fs = std::filesystem;

bool is_skipped_folder(const fs::path& path) {
    const std::string name = path.filename().string();
    if (name == "node_modules" || name == "__pycache__") return true;
    if (name.starts_with(".") && name != ".ci") return true;
    return path.lexically_relative(fs::current_path()) == "build";
}

std::vector<SourceFile> read_tree() {
    const fs::path root = fs::current_path();
    if (!fs::exists(root / "tests/arch/layers.txt")) {
        throw std::runtime_error("the working directory is not the root of the project: " +
                                 root.string());
    }
    std::vector<SourceFile> files;
    for (auto entry = fs::recursive_directory_iterator(root);
         entry != fs::recursive_directory_iterator(); ++entry) {
        if (entry->is_directory()) {
            if (is_skipped_folder(entry->path())) entry.disable_recursion_pending();
            continue;
        }
        // In a worktree of git .git is a file, which names a folder of one machine.
        if (!entry->is_regular_file() || entry->path().filename() == ".git") continue;
        std::ifstream in(entry->path(), std::ios::binary);
        files.push_back({entry->path().lexically_relative(root).generic_string(),
                         std::string(std::istreambuf_iterator<char>(in), {})});
    }
    std::ranges::sort(files, {}, &SourceFile::path);
    return files;
}

/// One pass over C++ text; knows line and block comments, string, raw string and character literals.
class CodeFilter {
public:
    explicit CodeFilter(std::string_view text) : text_(text), code_(text) {}

    std::string run() {
        while (at_ < text_.size()) {
            if (starts("//")) {
                blank_until("\n", 0);
            } else if (starts("/*")) {
                blank_until("*/", 2);
            } else if (starts("R\"")) {
                const std::size_t open = text_.find('(', at_);
                const std::string end =
                    ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
                blank_until(end, end.size());
            } else if (text_[at_] == '"') {
                blank_literal('"');
            } else if (text_[at_] == '\'' && !is_digit_separator()) {
                blank_literal('\'');
            } else {
                ++at_;
            }
        }
        return std::move(code_);
    }

private:
    [[nodiscard]] bool starts(std::string_view token) const {
        return text_.substr(at_).starts_with(token);
    }

    [[nodiscard]] bool is_digit_separator() const {
        return at_ > 0 && std::isxdigit(static_cast<unsigned char>(text_[at_ - 1])) != 0;
    }

    void blank_to(std::size_t end) {
        for (end = std::min(end, text_.size()); at_ < end; ++at_) {
            if (text_[at_] != '\n') code_[at_] = ' ';
        }
    }

    void blank_until(std::string_view token, std::size_t keep) {
        const std::size_t found = text_.find(token, at_ + 2);
        blank_to(found == std::string_view::npos ? text_.size() : found + keep);
    }

    void blank_literal(char quote) {
        std::size_t end = at_ + 1;
        while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
            end += text_[end] == '\\' ? 2 : 1;
        }
        blank_to(end + 1);
    }

    std::string_view text_;
    std::string code_;
    std::size_t at_ = 0;
};

}  // namespace

std::vector<std::string_view> SourceFile::lines() const { return split_lines(text); }

bool SourceFile::is_under(std::string_view folder) const {
    return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

std::string SourceFile::folder() const { return fs::path(path).parent_path().generic_string(); }

const std::vector<SourceFile>& all_files() {
    static const std::vector<SourceFile> files = read_tree();
    return files;
}

std::vector<const SourceFile*> cpp_files() {
    std::vector<const SourceFile*> found;
    for (const SourceFile& file : all_files()) {
        if (file.is_cpp() || file.is_header()) found.push_back(&file);
    }
    return found;
}

std::string code_only(std::string_view text) { return CodeFilter(text).run(); }

std::vector<std::string_view> split_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return lines;
}

std::vector<std::string> split_words(std::string_view text) {
    std::istringstream in{std::string(text)};
    return {std::istream_iterator<std::string>(in), {}};
}

}  // namespace arch
