#include "store/secret_keys.hpp"

#include "base/environment.hpp"
#include "base/whole_file.hpp"
#include "store/sqlite_records.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

namespace holdfast::store {

namespace {

namespace fs = std::filesystem;
using OptionalKey = std::optional<SecretBox::Key>;
template <class T>
using OrFailure = boost::system::result<T, CatalogueOpenFailure>;

constexpr std::string_view mark_name = "secrets_key_mark";
constexpr std::string_view mark_place = "holdfast key mark";

Random& system_random() {
    static SystemRandom random;  // has no state
    return random;
}

SecretBox::Key random_key() {
    SecretBox::Key key{};
    system_random().fill(key);
    return key;
}

CatalogueOpenFailure unusable(std::errc code, const std::string& file, std::string_view what) {
    return {std::make_error_code(code),
            "the key of the devices' secrets " + file + " " + std::string{what}};
}

/// Empty: there is no such file.
OrFailure<OptionalKey> read_key(const std::string& file) {
    std::error_code error;
    const fs::file_status status = fs::status(file, error);
    if (status.type() == fs::file_type::not_found) return OptionalKey{};
    if (error || status.type() != fs::file_type::regular) {
        return unusable(std::errc::invalid_argument, file,
                        "is no readable file; put the one back that belongs with the catalogue");
    }
    constexpr fs::perms others = fs::perms::group_all | fs::perms::others_all;
    if ((status.permissions() & others) != fs::perms::none) {
        return unusable(std::errc::permission_denied, file,
                        "is open to others than its owner; chmod it to 600, and reset the secrets "
                        "if somebody may have read it");
    }
    std::ifstream stream{file, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{stream}, {}};
    if (!stream.is_open()) {
        return unusable(std::errc::permission_denied, file,
                        "cannot be read; it must belong to the user that runs the server");
    }
    SecretBox::Key key{};
    if (bytes.size() != key.size()) {
        return unusable(std::errc::invalid_argument, file,
                        "is damaged: it has " + std::to_string(bytes.size()) +
                            " bytes and not 32; put the one back from the backup of the data "
                            "directory");
    }
    std::ranges::copy(bytes, key.begin());
    return OptionalKey{key};
}

OrFailure<OptionalKey> make_key(const std::string& file) {
    const SecretBox::Key key = random_key();
    const std::string_view bytes{reinterpret_cast<const char*>(key.data()), key.size()};
    if (const auto error = write_whole_file(file, bytes, FileMode::owner_only)) {
        return CatalogueOpenFailure{error, "the key of the devices' secrets " + file +
                                               " cannot be written: " + error.message()};
    }
    return OptionalKey{key};
}

OrFailure<bool> has_secrets(Database& database, const std::string& path) {
    Statement some = database.statement(
        "SELECT 1 FROM devices WHERE secret <> '' OR secondary_secret <> '' LIMIT 1");
    const bool found = some.next();
    if (some.error()) return open_failure(some.error(), path);
    return found;
}

std::optional<CatalogueOpenFailure> check_mark(Database& database, const std::string& path,
                                               const SecretBox& box) {
    std::optional<std::string> mark;
    if (const auto error = find_setting(database, mark_name, mark))
        return open_failure(error, path);
    if (mark && box.open(*mark, mark_place)) return std::nullopt;
    return unusable(std::errc::invalid_argument, secret_key_file(path),
                    "is not the one that the secrets in " + path +
                        " are encrypted with; put that one back from the backup that the catalogue "
                        "is of");
}

}  // namespace

std::string secret_key_file(const std::string& catalogue_path) {
    return (fs::path{catalogue_path}.parent_path() / "secrets.key").string();
}

std::error_code mark_secret_key(Database& database, const SecretBox& box) {
    return put_setting(database, mark_name, box.seal("", mark_place));
}

OrFailure<std::unique_ptr<SecretBox>> open_secret_box(Database& database, const std::string& path,
                                                      std::int64_t version) {
    if (path == ":memory:") return std::make_unique<SecretBox>(random_key(), system_random());
    const std::string file = secret_key_file(path);
    auto key = read_key(file);
    if (key.has_error()) return key.error();
    const bool is_new = !*key;
    const bool is_encrypted = version >= encrypted_since_version;
    if (is_new && is_encrypted) {
        const auto needed = has_secrets(database, path);
        if (needed.has_error()) return needed.error();
        if (*needed) {
            return unusable(std::errc::no_such_file_or_directory, file,
                            "is missing, and the secrets in " + path +
                                " are encrypted with it; put it back from the backup of the data "
                                "directory");
        }
    }
    if (is_new) key = make_key(file);
    if (key.has_error()) return key.error();
    auto box = std::make_unique<SecretBox>(**key, system_random());
    if (!is_encrypted) return box;  // the migration marks it
    if (is_new) {
        if (const auto error = mark_secret_key(database, *box)) return open_failure(error, path);
    } else if (auto wrong = check_mark(database, path, *box)) {
        return std::move(*wrong);
    }
    return box;
}

}  // namespace holdfast::store
