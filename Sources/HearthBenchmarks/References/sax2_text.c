/* Reference of the SOAP case: libxml2's SAX2 push parser over a file, taking every attribute and every text.
 * cc -O2 sax2_text.c $(pkg-config --cflags --libs libxml-2.0) */
#include <libxml/parser.h>
#include <stdio.h>
#include <string.h>

static long elements, records, characters;

static void start_element(
    void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespace_count,
    const xmlChar **namespaces, int attribute_count, int defaulted_count, const xmlChar **attributes) {
    (void)context, (void)prefix, (void)uri, (void)namespace_count, (void)namespaces, (void)defaulted_count;
    elements++;
    if (name[0] == 'W' && strcmp((const char *)name, "WorkOrder") == 0) records++;
    for (int index = 0; index < attribute_count; index++)
        characters += attributes[5 * index + 4] - attributes[5 * index + 3];
}

static void text(void *context, const xmlChar *bytes, int count) {
    (void)context, (void)bytes;
    characters += count;
}

int main(int count, char **arguments) {
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
    if (!file) return 2;
    static char buffer[1 << 16];
    xmlSAXHandler handler;
    memset(&handler, 0, sizeof handler);
    handler.initialized = XML_SAX2_MAGIC;
    handler.startElementNs = start_element;
    handler.characters = text;
    xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&handler, NULL, NULL, 0, NULL);
    if (!parser) return 2;
    xmlCtxtUseOptions(parser, XML_PARSE_HUGE | XML_PARSE_NONET);
    size_t length;
    while ((length = fread(buffer, 1, sizeof buffer, file)) > 0)
        if (xmlParseChunk(parser, buffer, (int)length, 0) != 0) return 1;
    if (xmlParseChunk(parser, buffer, 0, 1) != 0) return 1;
    xmlFreeParserCtxt(parser);
    fclose(file);
    printf("records=%ld elements=%ld characters=%ld\n", records, elements, characters);
    return 0;
}
