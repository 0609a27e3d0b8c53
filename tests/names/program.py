"""Makes CPython allocate in as many ways as a page of code can, keeps what it
made, says "ready" and waits for a line. A program to take snapshots of."""
# pylint: disable=all
import argparse
import array
import ast
import asyncio
import bz2
import collections
import concurrent.futures
import configparser
import contextlib
import csv
import ctypes
import dataclasses
import datetime
import decimal
import difflib
import email.message
import enum
import fractions
import functools
import glob
import hashlib
import html.parser
import http.client
import inspect
import json
import logging
import lzma
import multiprocessing
import os
import pickle
import re
import sqlite3
import ssl
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading
import tokenize
import typing
import unittest
import uuid
import warnings
import xml.dom.minidom
import zipfile
import zlib

warnings.simplefilter('ignore')
keep = []


def read_sources():
    for path in sorted(glob.glob(os.path.dirname(os.__file__) + '/*.py'))[:60]:
        with open(path, encoding='utf-8', errors='replace') as f:
            text = f.read()
        keep.append(ast.parse(text))
        keep.append(compile(text, path, 'exec'))
        keep.append(re.findall(r'\w+', text))


def make_objects():
    keep.append(json.loads(json.dumps([{'a': i, 'b': [str(i)] * 3}
                                       for i in range(20000)])))
    keep.append([decimal.Decimal(i) / 7 for i in range(1000)])
    keep.append(collections.Counter(str(i) for i in range(10000)))
    keep.append(pickle.loads(pickle.dumps([datetime.datetime.now()
                                           for i in range(1000)])))
    keep.append([fractions.Fraction(i, 7) for i in range(500)])
    keep.append({frozenset([i, str(i)]) for i in range(1000)})
    keep.append([bytearray(i) for i in range(1000)])
    keep.append([array.array('d', range(100)) for i in range(50)])
    keep.append([(lambda x: (lambda: x))(i) for i in range(1000)])
    keep.append([type('T%d' % i, (object,), {'__slots__': ('a', 'b')})
                 for i in range(200)])
    keep.append([10**i for i in range(500)])
    keep.append(['%s %r' % (i, i) for i in range(1000)])
    keep.append([threading.Thread(target=int) for i in range(50)])
    keep.append([re.compile(p) for p in (r'(a|b)*c', r'[^\W\d]+(?=x)',
                                         r'(?P<n>\d+)-(?P=n)')])


def use_libraries():
    db = sqlite3.connect(':memory:')
    db.execute('create table t(a, b)')
    db.executemany('insert into t values(?, ?)',
                   [(i, 'x' * i) for i in range(500)])
    keep.append(db)
    keep.append(db.execute('select * from t').fetchall())
    keep.append(xml.dom.minidom.parseString(
        '<a>' + '<b c="d">e</b>' * 500 + '</a>'))
    keep.append([lzma.compress(b'abc' * 10000), bz2.compress(b'abc' * 10000),
                 zlib.compressobj()])
    keep.append(ssl.create_default_context())
    keep.append([os.stat('/'), list(os.scandir('/usr/bin')),
                 os.environ.copy()])


async def sleep_together():
    await asyncio.gather(*[asyncio.sleep(0) for i in range(100)])


read_sources()
make_objects()
use_libraries()
asyncio.run(sleep_together())
print('ready', flush=True)
sys.stdin.readline()
