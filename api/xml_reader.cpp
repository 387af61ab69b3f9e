#include "api/xml_reader.hpp"

#include <expat.h>

#include <memory>

namespace holdfast::api {

namespace {

using ParserPtr = std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)>;

struct Reading {
    XML_Parser parser;
    XmlListener& listener;
    bool has_document_type = false;
};

std::string_view without_prefix(std::string_view name) {
    return name.substr(name.find(':') + 1);  // npos + 1 == 0
}

void on_begin(void* user, const XML_Char* name, const XML_Char** attributes) {
    auto& reading = *static_cast<Reading*>(user);
    XmlAttributes list;
    for (; *attributes != nullptr; attributes += 2) {
        list.emplace_back(without_prefix(attributes[0]), attributes[1]);
    }
    reading.listener.on_begin(without_prefix(name), list);
    if (reading.listener.problem()) XML_StopParser(reading.parser, XML_FALSE);
}

void on_end(void* user, const XML_Char* name) {
    auto& reading = *static_cast<Reading*>(user);
    reading.listener.on_end(without_prefix(name));
    if (reading.listener.problem()) XML_StopParser(reading.parser, XML_FALSE);
}

void on_text(void* user, const XML_Char* text, int size) {
    auto& reading = *static_cast<Reading*>(user);
    reading.listener.on_text({text, static_cast<std::size_t>(size)});
    if (reading.listener.problem()) XML_StopParser(reading.parser, XML_FALSE);
}

void on_document_type(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    auto& reading = *static_cast<Reading*>(user);
    reading.has_document_type = true;
    XML_StopParser(reading.parser, XML_FALSE);
}

}  // namespace

std::string_view find_attribute(const XmlAttributes& attributes, std::string_view name) {
    for (const auto& [known, value] : attributes) {
        if (known == name) return value;
    }
    return {};
}

std::optional<std::string> read_xml(std::string_view text, XmlListener& listener) {
    const ParserPtr parser{XML_ParserCreate(nullptr), &XML_ParserFree};
    Reading reading{parser.get(), listener};
    XML_SetUserData(parser.get(), &reading);
    XML_SetElementHandler(parser.get(), &on_begin, &on_end);
    XML_SetCharacterDataHandler(parser.get(), &on_text);
    XML_SetStartDoctypeDeclHandler(parser.get(), &on_document_type);
    const auto status =
        XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE);
    if (listener.problem()) return listener.problem();
    if (reading.has_document_type) return "has a document type, which a workbook has not";
    if (status == XML_STATUS_OK) return std::nullopt;
    return "is not XML: " + std::string{XML_ErrorString(XML_GetErrorCode(parser.get()))} +
           " at line " + std::to_string(XML_GetCurrentLineNumber(parser.get()));
}

}  // namespace holdfast::api
