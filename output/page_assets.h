/**
 * @file page_assets.h - the files of output/page/ as strings, each ends in NUL.
 */
#ifndef OUTPUT_PAGE_ASSETS_H
#define OUTPUT_PAGE_ASSETS_H

extern const unsigned char page_page_html[], page_page_css[];
/* All of the page's script (PAGE_SCRIPT in the Makefile). */
extern const unsigned char page_script_js[];
/* SHA-256 of the two, in base64. */
extern const unsigned char page_page_css_sha256[], page_script_js_sha256[];

#endif
