#include "access/text_file.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <system_error>

namespace holdfast::access {

namespace {

std::string reason_of(int error) { return std::generic_category().message(error); }

FileError cannot_read(const std::string& file, const std::string& why) {
    return {file, 0, "the file cannot be read: " + why, "name a file that the server may read"};
}

FileError cannot_write(const std::string& file, int error) {
    return {file, 0, "the file cannot be written: " + reason_of(error),
            "name a file in a folder that you may write"};
}

/// A descriptor that is closed and a name that is removed unless they were kept.
class Draft {
public:
    explicit Draft(const std::string& file) : path_(file + ".XXXXXX") {
        descriptor_ = ::mkstemp(path_.data());  // mode 0600
    }
    ~Draft() {
        if (descriptor_ < 0) return;
        ::close(descriptor_);
        if (!is_kept_) ::unlink(path_.c_str());
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
    [[nodiscard]] bool write(std::string_view text) const {
        while (!text.empty()) {
            const ::ssize_t written = ::write(descriptor_, text.data(), text.size());
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) return false;
            text.remove_prefix(static_cast<std::size_t>(written));
        }
        return ::fsync(descriptor_) == 0;
    }
    [[nodiscard]] bool take_name(const std::string& file) {
        is_kept_ = ::rename(path_.c_str(), file.c_str()) == 0;
        return is_kept_;
    }

private:
    std::string path_;
    int descriptor_ = -1;
    bool is_kept_ = false;
};

/// The name is on the disk as well. A folder that cannot be synced has done all it can.
void sync_folder_of(const std::string& file) {
    const std::size_t slash = file.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : file.substr(0, slash + 1);
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    (void)::fsync(descriptor);
    ::close(descriptor);
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
    Draft draft{file};
    if (!draft.is_open() || !draft.write(text) || !draft.take_name(file)) {
        return cannot_write(file, errno);
    }
    sync_folder_of(file);
    return {};
}

}  // namespace holdfast::access
