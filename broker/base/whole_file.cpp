#include "base/whole_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace holdfast {

namespace {

std::error_code last_error() { return {errno, std::generic_category()}; }

std::error_code write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return last_error();
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fsync(descriptor) == 0 ? std::error_code{} : last_error();
}

std::error_code sync_folder(const std::filesystem::path& folder) {
    const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return last_error();
    const std::error_code error = ::fsync(descriptor) == 0 ? std::error_code{} : last_error();
    ::close(descriptor);
    return error;
}

}  // namespace

std::error_code write_whole_file(const std::filesystem::path& file, std::string_view text,
                                 FileMode mode) {
    std::string beside = file.string() + ".XXXXXX";
    const int descriptor = ::mkostemp(beside.data(), O_CLOEXEC);
    if (descriptor < 0) return last_error();
    std::error_code error;
    if (::fchmod(descriptor, static_cast<mode_t>(mode)) != 0) error = last_error();
    if (!error) error = write_all(descriptor, text);
    ::close(descriptor);
    if (!error && ::rename(beside.c_str(), file.c_str()) != 0) error = last_error();
    if (error) {
        ::unlink(beside.c_str());
        return error;
    }
    return sync_folder(file.parent_path());
}

}  // namespace holdfast
