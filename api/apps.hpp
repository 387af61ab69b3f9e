#pragma once
// Apps: the resource spaces, which the contract calls applications, in memory: every request about
// devices and products asks whether one is there. The catalogue keeps them; who changes them there
// changes them here.
// Threads: the HTTP side's. Lifetime: outlives the routes.

#include "base/error.hpp"
#include "store/catalogue.hpp"

#include <map>
#include <string>
#include <string_view>

namespace holdfast::api {

/// The contract's, the default one included.
inline constexpr std::size_t apps_max = 10;

struct App {
    std::string app_id;
    std::string name;
    store::CatalogueTime created_at{};
};

class Apps {
public:
    /// With the default one, called "default".
    explicit Apps(std::string default_app_id);
    /// With those that the catalogue has, and the default one, which is made if it is missing. Waits.
    [[nodiscard]] static Result<Apps> load(store::Documents& documents,
                                           const std::string& default_app_id,
                                           store::CatalogueTime now);

    /// Null: there is none, or it is about to go.
    [[nodiscard]] const App* find(std::string_view app_id) const;
    /// Empty: there is none.
    [[nodiscard]] std::string_view name_of(std::string_view app_id) const;
    [[nodiscard]] bool is_default(std::string_view app_id) const {
        return app_id == default_app_id_;
    }
    [[nodiscard]] const std::string& default_app_id() const { return default_app_id_; }

    void put(App app);
    void erase(std::string_view app_id);
    /// From then on nothing new belongs to it, until it is erased or put again.
    void begin_removal(std::string_view app_id);

private:
    struct Entry {
        App app;
        bool is_going = false;
    };
    std::string default_app_id_;
    std::map<std::string, Entry, std::less<>> apps_;
};

/// As the catalogue keeps it.
[[nodiscard]] App app_of(const store::Document& document);
[[nodiscard]] store::Document document_of(const App& app);

}  // namespace holdfast::api
