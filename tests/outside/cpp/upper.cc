/* upper.cc: a processor in C++17, from the C headers: ASCII letters of some fields in upper case. */
#include <cxd/module.h>

#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

class Upper {
  public:
    Upper(const cxd_host *host, cxd_bytes options) : host_(host)
    {
        const cxd_scalar fields = host->doc_get(options, "fields");
        for (std::uint32_t i = 0; i < fields.count; i++) {
            const cxd_scalar text = host->doc_get(fields.bytes, std::to_string(i).c_str());
            fields_.emplace_back(text.bytes.ptr, text.bytes.len);
        }
    }

    int process(cxd_event *event, cxd_error *err) const
    {
        for (const std::string &field : fields_) {
            cxd_node *node = find(event, field);
            if (node != nullptr && node->value.kind == CXD_KIND_STRING) {
                const int status = raise(event, node, err);
                if (status != CXD_OK) {
                    return status;
                }
            }
        }
        return CXD_KEEP;
    }

  private:
    cxd_node *find(cxd_event *event, std::string_view path) const
    {
        cxd_node *node = host_->event_root(event);
        while (node != nullptr && !path.empty()) {
            const std::string_view part = path.substr(0, path.find('.'));
            node = host_->node_find(event, node, cxd_bytes{part.data(), part.size()});
            path.remove_prefix(std::min(path.size(), part.size() + 1));
        }
        return node;
    }

    int raise(cxd_event *event, cxd_node *node, cxd_error *err) const
    {
        cxd_bytes text{};
        const int status = host_->value_text(event, &node->value, &text);
        char *copy = status == CXD_OK ? static_cast<char *>(host_->event_alloc(event, text.len + 1))
                                      : nullptr;
        if (copy == nullptr) {
            return cxd_error_set(err, status != CXD_OK ? status : CXD_NOMEM, "not to be raised");
        }
        for (std::size_t i = 0; i < text.len; i++) {
            const char c = text.ptr[i];
            copy[i] = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
        node->value.ptr = copy;
        node->value.len = static_cast<std::uint32_t>(text.len);
        node->value.flags = CXD_VALUE_TEXT;
        return CXD_OK;
    }

    const cxd_host *host_;
    std::vector<std::string> fields_;
};

/* No exception crosses the boundary. */
int upper_open(const cxd_host *host, cxd_self *, cxd_bytes options, void **ret_instance, cxd_error *err)
{
    try {
        *ret_instance = std::make_unique<Upper>(host, options).release();
        return CXD_OK;
    } catch (const std::exception &e) {
        return cxd_error_set(err, CXD_NOMEM, "%s", e.what());
    }
}

int upper_process(void *instance, cxd_event *event, cxd_error *err)
{
    try {
        return static_cast<const Upper *>(instance)->process(event, err);
    } catch (const std::exception &e) {
        return cxd_error_set(err, CXD_BUG, "%s", e.what());
    }
}

void upper_close(void *instance)
{
    delete static_cast<Upper *>(instance);
}

const cxd_option options[] = {{"fields", CXD_OPTION_STRING_LIST, CXD_OPTION_REQUIRED, nullptr,
                               "Text fields, dotted", nullptr},
                              {nullptr, 0, 0, nullptr, nullptr, nullptr}};
const cxd_processor_ops ops = {sizeof(cxd_processor_ops), 0, upper_open, upper_process, upper_close};
const cxd_module module = {sizeof(cxd_module), CXD_ABI,   CXD_BUILD, CXD_PROCESSOR,
                           0,                  CXD_CAN_EVENTS, "outside-upper", nullptr,
                           "2.0.0",            "ASCII letters in upper case", options, &ops,
                           nullptr};

} // namespace

CXD_MODULE_ENTRY(module)
