#include "api/zip_file.hpp"

#include <zip.h>

#include <array>
#include <memory>

namespace holdfast::api {

namespace {

using boost::system::in_place_error;
using boost::system::in_place_value;
using Unpacked = boost::system::result<std::string, std::string>;

struct Discard {
    void operator()(zip_t* archive) const { zip_discard(archive); }
    void operator()(zip_file_t* part) const { zip_fclose(part); }
};
using ArchivePtr = std::unique_ptr<zip_t, Discard>;
using PartPtr = std::unique_ptr<zip_file_t, Discard>;

/// More parts than any workbook has are not looked through.
constexpr zip_int64_t parts_max = 10'000;

Unpacked broken() { return {in_place_error, "the file is no ZIP archive, or is damaged"}; }

/// Null: it is no archive. The bytes must outlive it.
ArchivePtr open_archive(std::string_view bytes) {
    zip_source_t* const source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, nullptr);
    if (source == nullptr) return nullptr;
    zip_t* const archive = zip_open_from_source(source, ZIP_RDONLY, nullptr);
    if (archive == nullptr) zip_source_free(source);
    return ArchivePtr{archive};
}

Unpacked read_part(zip_file_t& file, std::string_view name, std::size_t bytes_max) {
    std::string part;
    std::array<char, 65'536> buffer{};
    while (true) {
        const zip_int64_t count = zip_fread(&file, buffer.data(), buffer.size());
        if (count < 0) return broken();  // a wrong checksum at its end, too
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
    const ArchivePtr archive = open_archive(archive_);
    if (!archive || zip_get_num_entries(archive.get(), 0) > parts_max) return broken();
    const zip_int64_t index = zip_name_locate(archive.get(), std::string{name}.c_str(), ZIP_FL_ENC_RAW);
    if (index < 0) return {in_place_value, std::string{}};
    const PartPtr part{zip_fopen_index(archive.get(), static_cast<zip_uint64_t>(index), 0)};
    if (!part) return broken();  // encrypted, or packed by a method that is not known
    return read_part(*part, name, bytes_max);
}

}  // namespace holdfast::api
