#pragma once
// Documents: the catalogue's records that need no table of their own: found by kind and id, listed by what
// they belong to, changed whole; and Links: which of one thing belongs to which of another, with a value.
// What a body says is its writer's business, as JSON text.
// Asynchronous like Catalogue, whose errors these are: an answer runs on the caller's executor, never inside
// the call; a change is answered when it is durable. Calls are carried out in their order.
// Threads: every member may be called by any thread. Lifetime: executors outlive them.

#include "store/catalogue_types.hpp"
#include "store/store.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace holdfast::store {

/// What a document is. Closed list: its numbers stand in the catalogue and are never used again.
enum class DocumentKind : std::uint8_t {
    access_key = 1,
    api_key = 2,
    app = 3,
    device_group = 4,
    device_policy = 5,
    push_rule = 6,
    push_action = 7,
    push_policy = 8,
    push_certificate = 9,
    push_cursor = 10,
    batch_task = 11,
    batch_task_file = 12,
    device_shadow = 13,
    device_report = 14,  ///< what a device tells of itself: its SDK, its versions
    async_command = 15,  ///< a command that waits for its device, or did
};

struct Document {
    DocumentKind kind{};
    /// Of its kind the only one. Empty in add(): 24 hexadecimal digits, later ones are greater.
    std::string id;
    std::string parent;  ///< what it belongs to, for lists; may be empty
    std::string name;    ///< for lists; may be empty
    std::string body;    ///< JSON text
    std::string secret;  ///< encrypted at rest, for this kind and id; empty: none
    CatalogueTime created_at{};
};
using DocumentPtr = std::shared_ptr<const Document>;

struct DocumentQuery {
    DocumentKind kind{};
    std::optional<std::string> parent;
    std::optional<std::string> name;
    std::optional<std::string> name_prefix{};  ///< the start of the name
    std::optional<std::string> body_prefix{};  ///< the start of the body: where a status stands first
    std::optional<CatalogueTime> created_from{};
    std::optional<CatalogueTime> created_until{};
    bool with_secrets = false;
    Paging paging;  ///< newest first
};

/// Closed list, as DocumentKind.
enum class LinkKind : std::uint8_t {
    group_device = 1,   ///< device group -> device
    policy_target = 2,  ///< device policy -> "device/{id}", "product/{id}", "app/{id}"
    device_tag = 3,     ///< device -> key of a tag; the value is the tag's
    task_target = 4,    ///< batch task -> target; the value is its state
};

struct Link {
    LinkKind kind{};
    std::string source;
    std::string target;
    std::string value;
};

/// Another link of the same kind and source.
struct SiblingLink {
    std::string target;
    std::optional<std::string> value;  ///< none: any
};

struct LinkQuery {
    LinkKind kind{};
    std::optional<std::string> source;
    std::optional<std::string> target;
    std::optional<std::string> target_prefix{};  ///< the start of the target
    std::optional<std::string> value;
    /// The start of the value instead of all of it: states begin with their word.
    std::optional<std::string> value_prefix;
    std::vector<SiblingLink> siblings{};  ///< whose source has all of these, too; at most 16
    Paging paging;  ///< latest first
};

using DocumentAnswer = std::function<void(std::error_code, DocumentPtr)>;
using CountAnswer = std::function<void(std::error_code, std::size_t)>;
using DocumentsAnswer = std::function<void(std::error_code, CataloguePage<DocumentPtr>)>;
using DocumentsFound = std::function<void(std::error_code, std::vector<DocumentPtr>)>;
using LinksAnswer = std::function<void(std::error_code, CataloguePage<Link>)>;
using LinksFound = std::function<void(std::error_code, std::vector<Link>)>;
/// Changes a copy of a record, or refuses to; on any thread.
using DocumentChange = std::function<std::error_code(Document&)>;

class Documents {
public:
    virtual ~Documents() = default;

    /// already_exists; limit_reached when there would be more than `count_max` of its kind.
    virtual void add(Document document, std::size_t count_max, Executor& executor,
                     DocumentAnswer done) = 0;
    /// Adds it, or replaces body, name, parent and secret of the one that is there.
    virtual void put(Document document, Executor& executor, DocumentAnswer done) = 0;
    virtual void find(DocumentKind kind, std::string id, Executor& executor,
                      DocumentAnswer done) = 0;
    /// Those of `ids`, in their order; null for one that is not there. For a page of them: each is looked up.
    virtual void find_all(DocumentKind kind, std::vector<std::string> ids, Executor& executor,
                          DocumentsFound done) = 0;
    /// Replaces everything but kind, id and created_at, from what is there at that moment.
    virtual void change(DocumentKind kind, std::string id, DocumentChange change,
                        Executor& executor, DocumentAnswer done) = 0;
    /// And the links whose source it is.
    virtual void remove(DocumentKind kind, std::string id, Executor& executor, Answered done) = 0;
    virtual void list(DocumentQuery query, Executor& executor, DocumentsAnswer done) = 0;
    /// Removes those that list() would give; how many they were. For kinds that have no links.
    virtual void remove_listed(DocumentQuery query, Executor& executor, CountAnswer done) = 0;

    /// All or none: adds those that are not there, replaces the value of those that are.
    virtual void put_links(std::vector<Link> links, Executor& executor, Answered done) = 0;
    /// Those that are there.
    virtual void remove_links(std::vector<Link> links, Executor& executor, Answered done) = 0;
    virtual void list_links(LinkQuery query, Executor& executor, LinksAnswer done) = 0;
    /// Every link of these sources: source by source in their order, of each the latest first. For a page of
    /// sources that have a few links each.
    virtual void find_links(LinkKind kind, std::vector<std::string> sources, Executor& executor,
                            LinksFound done) = 0;
};

}  // namespace holdfast::store
