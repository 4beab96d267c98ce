"""A Modbus server of another author: holding register n holds n until it is written.

usage: pymodbus_server.py tcp <port> | rtu <device> <baud>
"""
import asyncio
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server.async_io import ModbusSerialServer, ModbusTcpServer
from pymodbus.transaction import ModbusRtuFramer, ModbusSocketFramer


async def main():
    block = ModbusSequentialDataBlock(0, list(range(10000)))
    context = ModbusServerContext(slaves=ModbusSlaveContext(hr=block, zero_mode=True), single=True)
    if sys.argv[1] == "tcp":
        server = ModbusTcpServer(context, ModbusSocketFramer, address=("127.0.0.1", int(sys.argv[2])))
        asyncio.get_event_loop().create_task(announce(server))
        await server.serve_forever()
    else:
        server = ModbusSerialServer(
            context, ModbusRtuFramer, port=sys.argv[2], baudrate=int(sys.argv[3]), bytesize=8, parity="N", stopbits=1
        )
        await server.start()
        print("ready", flush=True)
        await server.serve_forever()


async def announce(server):
    while server.server is None:
        await asyncio.sleep(0.01)
    print("ready", server.server.sockets[0].getsockname()[1], flush=True)


asyncio.run(main())
