#include "access/text_file.hpp"

#include "base/whole_file.hpp"

#include <cerrno>
#include <fstream>
#include <system_error>

namespace holdfast::access {

namespace {

std::string reason_of(int error) { return std::generic_category().message(error); }

FileError cannot_read(const std::string& file, const std::string& why) {
    return {file, 0, "the file cannot be read: " + why, "name a file that the server may read"};
}

}  // namespace

Loaded<std::string> read_text_file(const std::string& file) {
    std::ifstream stream{file, std::ios::binary | std::ios::ate};
    if (!stream) return cannot_read(file, reason_of(errno));
    const std::streamoff size = stream.tellg();
    if (size < 0 || size > static_cast<std::streamoff>(file_bytes_max)) {
        return cannot_read(file, "it is no file, or larger than 64 MiB");
    }
    std::string text(static_cast<std::size_t>(size), '\0');
    stream.seekg(0);
    stream.read(text.data(), size);
    if (stream.gcount() != size || stream.bad()) return cannot_read(file, "reading failed");
    return text;
}

Loaded<void> replace_text_file(const std::string& file, std::string_view text) {
    if (const auto error = write_whole_file(file, text, FileMode::owner_only)) {
        return FileError{file, 0, "the file cannot be written: " + error.message(),
                         "name a file in a folder that you may write"};
    }
    return {};
}

}  // namespace holdfast::access
