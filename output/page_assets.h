/**
 * @file page_assets.h - the files of output/page/ as strings, each ends in NUL.
 */
#ifndef OUTPUT_PAGE_ASSETS_H
#define OUTPUT_PAGE_ASSETS_H

extern const unsigned char page_page_html[], page_page_css[];
/* The script, in this order. */
extern const unsigned char page_page_js[], page_flame_js[], page_chart_js[],
	page_table_js[], page_main_js[];

#endif
