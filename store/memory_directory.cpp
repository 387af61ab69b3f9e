#include "store/memory_directory.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace holdfast::store {

class MemoryDirectory::MemoryFile final : public File {
public:
    explicit MemoryFile(std::vector<std::byte> bytes = {}) : bytes_(std::move(bytes)) {}

    std::error_code write(std::uint64_t offset, ByteSpan bytes) override {
        const std::scoped_lock lock{mutex_};
        if (bytes_.size() < offset + bytes.size()) bytes_.resize(offset + bytes.size());
        std::ranges::copy(bytes, bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
        return {};
    }
    IoResult<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) const override {
        const std::scoped_lock lock{mutex_};
        if (offset >= bytes_.size()) return std::size_t{0};
        const std::size_t count =
            std::min<std::size_t>(into.size(), bytes_.size() - static_cast<std::size_t>(offset));
        std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), count, into.begin());
        return count;
    }
    IoResult<bool> read_at_once(std::uint64_t offset, std::span<std::byte> into) const override {
        return *read(offset, into) == into.size();
    }
    std::error_code sync() override { return {}; }
    std::error_code allocate(std::uint64_t bytes) override {
        const std::scoped_lock lock{mutex_};
        if (bytes_.size() < bytes) bytes_.resize(bytes);
        return {};
    }
    std::error_code truncate(std::uint64_t bytes) override {
        const std::scoped_lock lock{mutex_};
        bytes_.resize(bytes);
        return {};
    }
    IoResult<std::uint64_t> size() const override {
        const std::scoped_lock lock{mutex_};
        return static_cast<std::uint64_t>(bytes_.size());
    }
    [[nodiscard]] std::vector<std::byte> bytes() const {
        const std::scoped_lock lock{mutex_};
        return bytes_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::byte> bytes_;
};

namespace {

class MemoryLock final : public DirectoryLock {
public:
    explicit MemoryLock(std::shared_ptr<bool> flag) : flag_(std::move(flag)) { *flag_ = true; }
    ~MemoryLock() override { *flag_ = false; }
    MemoryLock(const MemoryLock&) = delete;
    MemoryLock& operator=(const MemoryLock&) = delete;

private:
    std::shared_ptr<bool> flag_;
};

std::error_code not_there() { return std::make_error_code(std::errc::no_such_file_or_directory); }

}  // namespace

MemoryDirectory::MemoryDirectory() : is_locked_(std::make_shared<bool>(false)) {}

MemoryDirectory::MemoryDirectory(const Contents& contents) : MemoryDirectory() {
    for (const auto& [name, bytes] : contents) {
        files_[name] = std::make_shared<MemoryFile>(bytes);
    }
}

MemoryDirectory::~MemoryDirectory() = default;

IoResult<FilePtr> MemoryDirectory::open(const std::string& name) {
    const auto file = files_.find(name);
    if (file == files_.end()) return not_there();
    return FilePtr(file->second);
}

IoResult<FilePtr> MemoryDirectory::create(const std::string& name) {
    const auto file = std::make_shared<MemoryFile>();
    files_[name] = file;
    return FilePtr(file);
}

std::error_code MemoryDirectory::rename(const std::string& from, const std::string& to) {
    const auto file = files_.find(from);
    if (file == files_.end()) return not_there();
    std::shared_ptr<MemoryFile> moved = std::move(file->second);
    files_.erase(file);
    files_[to] = std::move(moved);
    return {};
}

std::error_code MemoryDirectory::remove(const std::string& name) {
    return files_.erase(name) == 1 ? std::error_code{} : not_there();
}

IoResult<std::vector<std::string>> MemoryDirectory::list() const {
    std::vector<std::string> names;
    for (const auto& [name, file] : files_) names.push_back(name);
    return names;
}

IoResult<std::unique_ptr<DirectoryLock>> MemoryDirectory::lock() {
    if (*is_locked_) return std::make_error_code(std::errc::device_or_resource_busy);
    return std::unique_ptr<DirectoryLock>(std::make_unique<MemoryLock>(is_locked_));
}

MemoryDirectory::Contents MemoryDirectory::contents() const {
    Contents contents;
    for (const auto& [name, file] : files_) contents[name] = file->bytes();
    return contents;
}

}  // namespace holdfast::store
