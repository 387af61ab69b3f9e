#include "store/posix_directory.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace holdfast::store {

namespace {

constexpr mode_t folder_mode = 0700;
constexpr mode_t file_mode = 0600;

/// As statfs(2) names them: Btrfs, ZFS, bcachefs, F2FS.
constexpr std::array<std::uint32_t, 4> copying_file_systems{0x9123683E, 0x2FC12FC1, 0xCA451A4E,
                                                            0xF2F52010};

std::error_code last_error() { return {errno, std::generic_category()}; }

std::error_code outcome(int result) { return result == 0 ? std::error_code{} : last_error(); }

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor& operator=(Descriptor&&) = delete;
    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] bool is_open() const { return number_ >= 0; }

private:
    int number_;
};

class PosixFile final : public File {
public:
    explicit PosixFile(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

    std::error_code write(std::uint64_t offset, ByteSpan bytes) override {
        while (!bytes.empty()) {
            const ssize_t count = ::pwrite(descriptor_.number(), bytes.data(), bytes.size(),
                                           static_cast<off_t>(offset));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return last_error();
            if (count == 0) return std::make_error_code(std::errc::io_error);
            bytes = bytes.subspan(static_cast<std::size_t>(count));
            offset += static_cast<std::uint64_t>(count);
        }
        return {};
    }

    IoResult<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) const override {
        std::size_t total = 0;
        while (total < into.size()) {
            const ssize_t count = ::pread(descriptor_.number(), into.data() + total,
                                          into.size() - total, static_cast<off_t>(offset + total));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return last_error();
            if (count == 0) break;
            total += static_cast<std::size_t>(count);
        }
        return total;
    }

    IoResult<bool> read_at_once(std::uint64_t offset, std::span<std::byte> into) const override {
        const iovec part{into.data(), into.size()};
        const ssize_t count =
            ::preadv2(descriptor_.number(), &part, 1, static_cast<off_t>(offset), RWF_NOWAIT);
        // What is not in memory, interrupted or not supported by the file system is left to read().
        return count >= 0 && static_cast<std::size_t>(count) == into.size();
    }

    std::error_code sync() override { return outcome(::fdatasync(descriptor_.number())); }

    std::error_code allocate(std::uint64_t bytes) override {
        int error = EINTR;
        while (error == EINTR) {
            error = ::posix_fallocate(descriptor_.number(), 0, static_cast<off_t>(bytes));
        }
        return {error, std::generic_category()};
    }

    std::error_code truncate(std::uint64_t bytes) override {
        return outcome(::ftruncate(descriptor_.number(), static_cast<off_t>(bytes)));
    }

    IoResult<std::uint64_t> size() const override {
        struct stat status {};
        if (::fstat(descriptor_.number(), &status) != 0) return last_error();
        return static_cast<std::uint64_t>(status.st_size);
    }

private:
    Descriptor descriptor_;
};

class PosixLock final : public DirectoryLock {
public:
    explicit PosixLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

private:
    Descriptor descriptor_;
};

class PosixDirectory final : public Directory {
public:
    PosixDirectory(std::string path, Descriptor descriptor)
        : path_(std::move(path)), descriptor_(std::move(descriptor)) {}

    std::string path() const override { return path_; }

    bool writes_in_place() const override {
        struct statfs status {};
        if (::fstatfs(descriptor_.number(), &status) != 0) return false;
        const auto type = static_cast<std::uint32_t>(status.f_type);
        return std::ranges::find(copying_file_systems, type) == copying_file_systems.end();
    }

    IoResult<FilePtr> open(const std::string& name) override { return open_file(name, 0); }

    IoResult<FilePtr> create(const std::string& name) override {
        return open_file(name, O_CREAT | O_TRUNC);
    }

    std::error_code rename(const std::string& from, const std::string& to) override {
        return outcome(
            ::renameat(descriptor_.number(), from.c_str(), descriptor_.number(), to.c_str()));
    }

    std::error_code remove(const std::string& name) override {
        return outcome(::unlinkat(descriptor_.number(), name.c_str(), 0));
    }

    IoResult<std::vector<std::string>> list() const override {
        DIR* const stream = ::opendir(path_.c_str());
        if (stream == nullptr) return last_error();
        std::vector<std::string> names;
        for (const dirent* entry = ::readdir(stream); entry != nullptr; entry = ::readdir(stream)) {
            std::string name{static_cast<const char*>(entry->d_name)};
            if (name != "." && name != "..") names.push_back(std::move(name));
        }
        ::closedir(stream);
        std::ranges::sort(names);
        return names;
    }

    std::error_code sync() override { return outcome(::fsync(descriptor_.number())); }

    IoResult<std::unique_ptr<DirectoryLock>> lock() override {
        Descriptor file{
            ::openat(descriptor_.number(), "lock", O_RDWR | O_CREAT | O_CLOEXEC, file_mode)};
        if (!file.is_open()) return last_error();
        if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
            if (errno == EWOULDBLOCK) {
                return std::make_error_code(std::errc::device_or_resource_busy);
            }
            return last_error();
        }
        return std::unique_ptr<DirectoryLock>(std::make_unique<PosixLock>(std::move(file)));
    }

private:
    IoResult<FilePtr> open_file(const std::string& name, int flags) {
        Descriptor file{
            ::openat(descriptor_.number(), name.c_str(), O_RDWR | O_CLOEXEC | flags, file_mode)};
        if (!file.is_open()) return last_error();
        return FilePtr(std::make_shared<PosixFile>(std::move(file)));
    }

    std::string path_;
    Descriptor descriptor_;
};

}  // namespace

IoResult<std::unique_ptr<Directory>> open_posix_directory(const std::string& path) {
    if (::mkdir(path.c_str(), folder_mode) != 0 && errno != EEXIST) return last_error();
    Descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!folder.is_open()) return last_error();
    return std::unique_ptr<Directory>(std::make_unique<PosixDirectory>(path, std::move(folder)));
}

}  // namespace holdfast::store
