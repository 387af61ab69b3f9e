#pragma once
// The tables of the catalogue and how a database gets them: from nothing, or from an older version, one
// migration after the other and all of them in one transaction. The version is SQLite's user_version, and
// its application_id says whose database it is. Threads: those of the Database.

#include "base/secret_box.hpp"
#include "store/sqlite_database.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

namespace holdfast::store {

/// What this program writes and reads; a higher one is from a newer program.
inline constexpr std::int64_t catalogue_version = 6;
/// Before it secrets were plain text.
inline constexpr std::int64_t encrypted_since_version = 3;

/// Why a catalogue cannot be used.
struct CatalogueOpenFailure {
    std::error_code code;
    std::string sentence;  ///< names the file, what is wrong with it and the way out
};

/// Takes the database for this process alone, checks it and brings it to catalogue_version. `box` is for
/// its secrets: made of the key beside it, or of one that nobody keeps for ":memory:".
[[nodiscard]] std::optional<CatalogueOpenFailure> prepare_catalogue(
    Database& database, const std::string& path, std::unique_ptr<SecretBox>& box);
/// The sentence for a database that could not be opened at all.
[[nodiscard]] CatalogueOpenFailure open_failure(std::error_code error, const std::string& path);

}  // namespace holdfast::store
