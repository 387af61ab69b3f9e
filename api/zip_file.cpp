#include "api/zip_file.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <memory>

namespace holdfast::api {

namespace {

using boost::system::in_place_error;
using boost::system::in_place_value;
using Unpacked = boost::system::result<std::string, std::string>;
using ArchivePtr = std::unique_ptr<archive, decltype(&archive_read_free)>;

/// More parts than any workbook has are not looked through.
constexpr int parts_max = 10'000;

Unpacked broken() { return {in_place_error, "the file is no ZIP archive, or is damaged"}; }

Unpacked read_part(archive& reader, std::string_view name, std::size_t bytes_max) {
    std::string part;
    std::array<char, 65'536> buffer{};
    while (true) {
        const la_ssize_t count = archive_read_data(&reader, buffer.data(), buffer.size());
        if (count < 0) return broken();
        if (count == 0) return {in_place_value, std::move(part)};
        if (part.size() + static_cast<std::size_t>(count) > bytes_max) {
            return {in_place_error, "the file's part " + std::string{name} + " is larger than " +
                                        std::to_string(bytes_max >> 20U) + " MiB when unpacked"};
        }
        part.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

}  // namespace

Unpacked ZipFile::unpack(std::string_view name, std::size_t bytes_max) const {
    const ArchivePtr reader{archive_read_new(), &archive_read_free};
    archive_read_support_format_zip(reader.get());
    if (archive_read_open_memory(reader.get(), archive_.data(), archive_.size()) != ARCHIVE_OK) {
        return broken();
    }
    for (int part = 0; part < parts_max; ++part) {
        archive_entry* entry = nullptr;
        const int result = archive_read_next_header(reader.get(), &entry);
        if (result == ARCHIVE_EOF) return {in_place_value, std::string{}};
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN) return broken();
        const char* const path = archive_entry_pathname(entry);
        if (path != nullptr && name == path) return read_part(*reader, name, bytes_max);
    }
    return broken();
}

}  // namespace holdfast::api
